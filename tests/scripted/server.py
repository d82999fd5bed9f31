"""A scripted model server on 127.0.0.1: it does what the prompt's script says.

with ScriptedModel() as model:
    launch(ANTHROPIC_BASE_URL=model.url)
    model.wait_for(lambda: first_prompt in model.prompts())
"""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.scripted.conversations import Conversations
from tests.scripted.deciding import decide, user_prompts
from tests.scripted.exchange import Answer, Ask, Usage, Wire
from tests.scripted.handler import ModelHTTPServer
from tests.scripted.json_values import Obj
from tests.scripted.records import Request, begun, conversation, summed
from tests.scripted.reply import Cut, Reply
from tests.scripted.script import Step

POLL_SECONDS = 0.1


class ScriptedModel:
    """The server and what it saw. It serves between `__enter__` and `__exit__`.

    Every member may be used from any thread.
    """

    def __init__(self, port: int = 0, log: Path | None = None) -> None:
        self._log = log
        self._news = threading.Condition()
        self._closing = threading.Event()
        self._requests: list[Request] = []
        self._headers: list[dict[str, str]] = []
        self._bodies: list[Obj] = []
        self._conversations = Conversations()
        self._refused: Counter[tuple[str, int, int | None]] = Counter()
        self._server = ModelHTTPServer(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        for handler in self._server.open_handlers():
            with suppress(OSError):
                handler.connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address without a path; OpenAI clients want `/v1` added, the others do not."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> list[Request]:
        """Finished requests, in the order they finished."""
        with self._news:
            return list(self._requests)

    @property
    def headers(self) -> list[dict[str, str]]:
        """Of every request, in the order they came."""
        with self._news:
            return list(self._headers)

    @property
    def bodies(self) -> list[Obj]:
        """Of every request, in the order they came."""
        with self._news:
            return list(self._bodies)

    def prompts(self, who: str | None = None) -> list[str]:
        """Each prompt once per arrival, verbatim, known before it is answered."""
        with self._news:
            return [arrival.prompt for arrival in self._conversations.arrivals(who)]

    def conversations(self) -> list[str]:
        """Who sent prompts, in the order of their first ones."""
        with self._news:
            return list(dict.fromkeys(each.who for each in self._conversations.arrivals()))

    def served(self, who: str | None = None, *, side: bool = False) -> Usage:
        """All usage reported, to one conversation or to all; side requests are summed apart."""
        chosen = [each for each in self.requests if who in (None, each.who) and each.side == side]
        return summed(each.usage for each in chosen if each.usage is not None)

    def wait_for(self, condition: Callable[["ScriptedModel"], bool], timeout: float = 30.0) -> None:
        """Wait until `condition(self)` holds; `timeout` in seconds.

        Raises TimeoutError, which names the prompts that did arrive.
        """
        deadline = time.monotonic() + timeout
        while not condition(self):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout} s; prompts so far: {self.prompts()}")
            with self._news:
                self._news.wait(POLL_SECONDS)

    def pause(self, seconds: float) -> None:
        """Wait. Raises Cut when the server closes meanwhile."""
        if self._closing.wait(seconds):
            raise Cut

    def respond(
        self, wire: Wire, path: str, body: Obj, headers: Mapping[str, str], reply: Reply
    ) -> None:
        """Answer one request and remember it. Raises Cut and ConnectionError to the handler."""
        ask = wire.read(path, body)
        with self._news:
            self._headers.append(dict(headers))
            self._bodies.append(body)
        prompts = user_prompts(ask.turns)
        who = conversation(wire, headers, prompts)
        answer, step = decide(ask)
        if not answer.side:
            self._hear(who, prompts)
            answer = self._refusing(answer, step, who, len(prompts))
        request = begun(wire, ask, answer, who, prompts)
        usage = answer.usage if answer.failure is None else None
        reply.before_last_byte = lambda: self._remember(
            replace(request, usage=usage, status=reply.status, complete=True)
        )
        try:
            self.pause(answer.wait)
            _write(wire, ask, answer, reply)
        except (Cut, ConnectionError):
            if not reply.finished:
                self._remember(replace(request, status=reply.status))
            raise

    def _hear(self, who: str, prompts: list[str]) -> None:
        with self._news:
            self._conversations.hear(who, prompts)
            self._news.notify_all()

    def _refusing(self, answer: Answer, step: Step | None, who: str, turn: int) -> Answer:
        if step is None or answer.failure is None:
            return answer
        with self._news:
            key = (who, turn, answer.step)
            self._refused[key] += 1
            return answer if self._refused[key] <= step.refusals else replace(answer, failure=None)

    def _remember(self, request: Request) -> None:
        request = replace(request, t_end=time.time())
        with self._news:
            self._requests.append(request)
            if self._log is not None:
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(request)) + "\n")
            self._news.notify_all()


def _write(wire: Wire, ask: Ask, answer: Answer, reply: Reply) -> None:
    if answer.failure is None:
        wire.answer(ask, answer, reply)
    else:
        wire.refuse(answer.failure, reply)
