"""Write one HTTP answer: whole JSON, or server-sent events in chunks."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler

from tests.scripted.exchange import Answer

Headers = Mapping[str, str]


class Cut(Exception):
    """The connection was cut on purpose; nothing more may be written."""


class Reply:
    """The answer to one request. `pause(seconds)` waits, or raises Cut when the server closes."""

    def __init__(self, handler: BaseHTTPRequestHandler, pause: Callable[[float], None]) -> None:
        self._handler = handler
        self._pause = pause
        self.status = 0
        """The HTTP status; 0 until it is known."""
        self.before_last_byte: Callable[[], None] = lambda: None
        """What it does is done when the client has the whole answer."""
        self.finished = False

    def whole(self, status: int, body: object, headers: Headers | None = None) -> None:
        """Send `body` as JSON."""
        data = json.dumps(body).encode()
        self.status = status
        self._finish()
        self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(data))})
        self._headers(headers)
        self._handler.wfile.write(data)

    def start(self, headers: Headers | None = None) -> None:
        """Open an event stream."""
        self.status = 200
        self._head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        self._headers(headers)

    def event(self, data: object, name: str = "") -> None:
        """Send one event; `data` is JSON unless it is a text already."""
        text = data if isinstance(data, str) else json.dumps(data)
        block = (f"event: {name}\n" if name else "") + f"data: {text}\n\n"
        chunk = block.encode()
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self._handler.wfile.flush()

    def end(self) -> None:
        """Close the event stream."""
        self._finish()
        self._handler.wfile.write(b"0\r\n\r\n")
        self._handler.wfile.flush()

    def cut_if(self, dropped: bool) -> None:
        """Cut the connection in the middle when the script says so. Raises Cut."""
        if dropped:
            self._handler.close_connection = True
            self._handler.connection.shutdown(socket.SHUT_RDWR)
            raise Cut

    def paced(self, answer: Answer) -> Iterator[str]:
        """The answer's text in chunks, at the pace the script asks for."""
        if answer.slow is None:
            size = max(1, len(answer.text) // 4)
            yield from (answer.text[at : at + size] for at in range(0, len(answer.text), size))
            return
        count, seconds = answer.slow
        words = (answer.text or "working").split(" ")
        for at in range(count):
            self._pause(seconds)
            yield words[at % len(words)] + " "
        yield "[end]"

    def _finish(self) -> None:
        self.finished = True
        self.before_last_byte()

    def _head(self, status: int, headers: Headers) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)

    def _headers(self, more: Headers | None) -> None:
        for name, value in (more or {}).items():
            self._handler.send_header(name, value)
        self._handler.end_headers()
