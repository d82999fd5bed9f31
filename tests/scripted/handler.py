"""The HTTP side of the scripted model: routes, bodies, and the small fixed answers."""

import gzip
import json
import threading
import zlib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import urlsplit

from tests.scripted import anthropic, chat, gemini, responses
from tests.scripted.exchange import Wire
from tests.scripted.json_values import Obj, an_object
from tests.scripted.reply import Cut, Reply

MODELS = ("scripted-1", "claude-sonnet-4-6", "gpt-5.4", "gemini-3-pro")
IDLE_SECONDS = 300.0


class Answering(Protocol):
    """Who answers what the handler has read."""

    def respond(
        self, wire: Wire, path: str, body: Obj, headers: Mapping[str, str], reply: Reply
    ) -> None:
        """Write one answer through `reply`."""

    def pause(self, seconds: float) -> None:
        """Wait. Raises Cut when the server closes meanwhile."""


class ModelHTTPServer(ThreadingHTTPServer):
    """Its threads are joined on close, so a test leaves no socket behind."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, model: Answering) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model
        self._handlers: set[Handler] = set()
        self._lock = threading.Lock()

    def open_handlers(self) -> list["Handler"]:
        """The connections that are open now."""
        with self._lock:
            return list(self._handlers)

    def opened(self, handler: "Handler") -> None:
        """Count a connection as open."""
        with self._lock:
            self._handlers.add(handler)

    def closed(self, handler: "Handler") -> None:
        """Count a connection as closed."""
        with self._lock:
            self._handlers.discard(handler)


class Handler(BaseHTTPRequestHandler):
    """One connection of a CLI."""

    protocol_version = "HTTP/1.1"
    server: ModelHTTPServer
    timeout = IDLE_SECONDS

    def handle(self) -> None:
        """Serve requests until the client or the server closes."""
        self.server.opened(self)
        try:
            super().handle()
        except (ConnectionError, TimeoutError, Cut):
            self.close_connection = True
        finally:
            self.server.closed(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: stderr belongs to the test."""

    def do_HEAD(self) -> None:
        """Answer a probe of the base address."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """List the models; nothing else can be read."""
        path = urlsplit(self.path).path.rstrip("/")
        if not path.endswith("/models"):
            self._reply().whole(404, {"error": {"type": "not_found", "message": path}})
            return
        data = [{"id": name, "object": "model", "type": "model"} for name in MODELS]
        named = [{**each, "display_name": each["id"], "owned_by": "scripted"} for each in data]
        self._reply().whole(200, {"object": "list", "data": named, "has_more": False})

    def do_POST(self) -> None:
        """Answer on the wire that the path names."""
        raw = self._body()
        path = urlsplit(self.path).path
        if path.endswith(("/count_tokens", ":countTokens")):
            count = max(1, len(raw) // 4)
            self._reply().whole(200, {"input_tokens": count, "totalTokens": count})
            return
        wire = wire_at(path)
        if wire is None:
            self._reply().whole(404, {"error": {"type": "not_found", "message": path}})
            return
        try:
            body = an_object(json.loads(raw or b"{}"))
        except ValueError as error:
            self._reply().whole(400, {"error": {"type": "bad_json", "message": str(error)}})
            return
        self.server.model.respond(wire, path, body, dict(self.headers.items()), self._reply())

    def _reply(self) -> Reply:
        return Reply(self, self.server.model.pause)

    def _body(self) -> bytes:
        raw = self._chunks() if self._is_chunked() else self.rfile.read(self._length())
        match self.headers.get("Content-Encoding", ""):
            case "gzip":
                return gzip.decompress(raw)
            case "deflate":
                return zlib.decompress(raw)
            case _:
                return raw

    def _is_chunked(self) -> bool:
        return self.headers.get("Transfer-Encoding", "").lower() == "chunked"

    def _length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def wire_at(path: str) -> Wire | None:
    """The wire a path belongs to; None when it is no model request."""
    if path.endswith("/messages"):
        return anthropic.WIRE
    if path.endswith("/responses"):
        return responses.WIRE
    if path.endswith("/chat/completions"):
        return chat.WIRE
    if ":generateContent" in path or ":streamGenerateContent" in path:
        return gemini.WIRE
    return None
