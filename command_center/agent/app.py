"""The agent in its terminal: keys in, a conversation above, and a turn at a time."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path

from msgspec import Struct

from command_center.agent.keys import LAG, Key, Keyboard
from command_center.agent.markdown import DIM
from command_center.agent.permits import Permits
from command_center.agent.record import Conversation
from command_center.agent.reports import Decision, Reports
from command_center.agent.talk import Model, Reply, ToolUse
from command_center.agent.terminal import raw_mode
from command_center.agent.tools.ground import Ground
from command_center.agent.tools.kit import Shown
from command_center.agent.tools.outcome import Outcome
from command_center.agent.turn import Said, Say, Turns
from command_center.agent.view import RED, Question, View
from command_center.agent.wires import Refused, Wire, wire_for
from command_center.agent.words import folder_name
from command_center.domain.specs import Mode
from command_center.domain.text import one_line

TYPING_SECONDS = 0.7
"""After a key, in which another one is still part of the same text and answers no question."""
AGAIN_SECONDS = 2.0
GONE_SECONDS = 3.0
COMMANDS = {
    "/clear": "begin a new conversation",
    "/compact": "go on with a summary of this one",
    "/mode": "ask, edits, plan or full: what may be done without asking",
    "/help": "show this",
    "/exit": "leave",
}


class Options(Struct, frozen=True):
    """What the agent is started with."""

    model: Model
    folder: Path
    """Where conversations and the state file are kept."""
    session: str = ""
    """The conversation to go on with, or the id of a new one."""
    mode: Mode = Mode.ASK
    prompt: str = ""
    passed: tuple[str, ...] = ()
    """Variables that commands get beside the usual ones."""


class App:
    """One process. Also the stage that its turns play on."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._ground = Ground(Path.cwd())
        self._permits = Permits(options.mode)
        self._talk = Conversation(options.folder / "conversations", options.session)
        self._reports = Reports(options.folder / "state.json", os.environ)
        self._view = View()
        self._keyboard = Keyboard()
        self._lag: asyncio.TimerHandle | None = None
        self._turns = Turns(
            options.model, self._wire, self._ground, self._permits, self, options.passed
        )
        self._loading: asyncio.Future[Wire] | None = None
        self._turn: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._queue: list[str] = []
        self._verdict: asyncio.Future[Said] | None = None
        self._over = asyncio.Event()
        self._typed = self._interrupted = 0.0
        """When the last key that writes, and the last Ctrl-C, came."""

    async def run(self) -> None:
        """Until the user leaves or the terminal is gone."""
        loop = asyncio.get_running_loop()
        with raw_mode():
            loop.add_reader(sys.stdin.fileno(), self._read)
            loop.add_signal_handler(signal.SIGWINCH, self._view.draw)
            for sign in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(sign, self._over.set)
            ticking = asyncio.ensure_future(self._tick())
            try:
                self._open()
                await self._over.wait()
            finally:
                ticking.cancel()
                loop.remove_reader(sys.stdin.fileno())
                await self._close()

    def _open(self) -> None:
        self._view.say(f"Agent · {self._options.model.name} · {folder_name(self._ground)}", DIM)
        if prompts := self._talk.prompts:
            count = f"{len(prompts)} prompt{'s' if len(prompts) > 1 else ''}"
            last = one_line(prompts[-1], 60)
            self._view.say(f"The conversation goes on after {count}; the last: {last}", DIM)
        self._settle()
        self._tell("SessionStart", transcript_path=str(self._talk.path))
        self._loading = self._load()
        if self._options.prompt.strip():
            self._submit(self._options.prompt)

    async def _close(self) -> None:
        if self._turn is not None:
            self._stop()
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(asyncio.shield(self._turn), GONE_SECONDS)
        self._reports.clear()
        self._tell("SessionEnd")
        with contextlib.suppress(OSError):
            self._view.leave()
        if self._loading is not None and self._loading.done() and not self._loading.exception():
            await self._loading.result().close()

    def _load(self) -> "asyncio.Future[Wire]":
        loading = asyncio.ensure_future(asyncio.to_thread(wire_for, self._options.model))
        # Its problem is told by the first turn.
        loading.add_done_callback(lambda done: done.cancelled() or done.exception())
        return loading

    def _wire(self) -> "asyncio.Future[Wire]":
        assert self._loading is not None
        return asyncio.shield(self._loading)

    async def _tick(self) -> None:
        """Shows how long something goes on."""
        while True:
            await asyncio.sleep(1)
            if self._turn is not None:
                self._view.draw()

    # Keys

    def _read(self) -> None:
        try:
            typed = os.read(sys.stdin.fileno(), 65536)
        except OSError:
            typed = b""
        if not typed:
            self._over.set()
            return
        if self._lag is not None:
            self._lag.cancel()
        self._press(self._keyboard.feed(typed))
        if self._keyboard.is_waiting:
            loop = asyncio.get_running_loop()
            self._lag = loop.call_later(LAG, lambda: self._press(self._keyboard.flush()))

    def _press(self, keys: list[Key]) -> None:
        for key in keys:
            self._take(key)
        self._view.draw()

    def _take(self, key: Key) -> None:
        match key.name:
            case "escape":
                self._stop()
            case "interrupt":
                self._interrupt()
            case "leave" if not self._view.box.text:
                self._over.set()
            case "enter" if self._view.question is None:
                self._submit(self._view.box.take())
            case "enter" | "redraw":
                return
            case "text" if self._is_verdict(key.text):
                self._say_to_question(key.text)
            case _:
                self._typed = time.monotonic()
                self._view.box.press(key)

    def _is_verdict(self, text: str) -> bool:
        """A letter of a text that was begun before the question came is none."""
        is_writing = time.monotonic() - self._typed < TYPING_SECONDS
        return self._view.question is not None and text in ("y", "a", "n") and not is_writing

    def _say_to_question(self, letter: str) -> None:
        if self._verdict is not None and not self._verdict.done():
            word = {"y": Say.YES, "a": Say.ALWAYS, "n": Say.NO}[letter]
            self._verdict.set_result(Said(word))

    def _interrupt(self) -> None:
        if self._turn is not None:
            self._stop()
        elif self._view.box.text:
            self._view.box.take()
        elif time.monotonic() - self._interrupted < AGAIN_SECONDS:
            self._over.set()
        else:
            self._interrupted = time.monotonic()
            self._view.say("Press Ctrl-C again to leave.", DIM)

    def _stop(self) -> None:
        """Once for a turn: what it then tidies up is not to be cut off."""
        if self._turn is not None and not self._is_stopping:
            self._is_stopping = True
            self._turn.cancel()

    # Prompts and commands

    def _submit(self, text: str) -> None:
        word, _, rest = text.strip().partition(" ")
        if word in COMMANDS and "\n" not in text.strip():
            self._command(word, rest.strip())
        elif text.strip() and self._turn is not None:
            self._queue.append(text)
            self._view.queued = len(self._queue)
        elif text.strip():
            self._begin(text)

    def _begin(self, prompt: str) -> None:
        self._view.echo(prompt)
        self._reports.publish("busy")
        self._tell("UserPromptSubmit", prompt=prompt)
        self._start(self._play(prompt))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._is_stopping = False
        self._turn = asyncio.ensure_future(work)
        self._turn.add_done_callback(self._ended)

    async def _play(self, prompt: str) -> None:
        try:
            said = await self._turns.play(self._talk, prompt)
        except Refused as refusal:
            self._fail(refusal)
        else:
            self._settle()
            self._tell("Stop", last_assistant_message=said)

    async def _compact(self) -> None:
        try:
            await self._turns.compact(self._talk)
        except Refused as refusal:
            self._fail(refusal)
        else:
            self._settle()

    def _fail(self, refusal: Refused) -> None:
        self._view.say(f"Not answered: {refusal}", RED)
        reason = str(refusal)
        if refusal.is_limit:
            self._reports.publish("limited", reason, refusal.until)
            self._show()
        else:
            self._settle()
        until = refusal.until or None
        self._tell("StopFailure", error=refusal.kind, reason=reason, until=until)

    def _ended(self, turn: "asyncio.Task[None]") -> None:
        self._turn = None
        self._view.question = None
        if turn.cancelled():
            self._view.heard()
            self._view.say("Interrupted.", DIM)
            self._settle()
            self._tell("Interrupt")
        elif (problem := turn.exception()) is not None:
            self._view.leave()
            self._over.set()
            raise problem
        self._view.rest()
        if self._queue and not self._over.is_set():
            prompt = self._queue.pop(0)
            self._view.queued = len(self._queue)
            self._submit(prompt)

    def _command(self, word: str, rest: str) -> None:
        if word == "/exit":
            self._over.set()
        elif word == "/help":
            self._view.say("\n".join(f"{name:<10}{what}" for name, what in COMMANDS.items()), DIM)
        elif self._turn is not None:
            self._view.say(f"{word} has to wait until the turn is over.", DIM)
        elif word == "/clear":
            self._talk = Conversation(self._options.folder / "conversations")
            self._view.say("A new conversation.", DIM)
            self._settle()
            self._tell("SessionStart", transcript_path=str(self._talk.path))
        elif word == "/compact":
            self._reports.publish("busy")
            self._start(self._compact())
        elif rest in list(Mode):
            self._permits.mode = Mode(rest)
            self._settle()
        else:
            self._view.say(f"/mode {' | '.join(Mode)}; now it is {self._permits.mode}", DIM)

    # What is told of us

    def _settle(self) -> None:
        """At rest."""
        self._reports.know(
            sessionId=self._talk.session, model=self._options.model.name, mode=self._permits.mode
        )
        self._reports.publish("idle")
        self._show()

    def _show(self) -> None:
        window, used = self._options.model.window, self._talk.context
        share = f" · context {used * 100 // window} % of {window // 1000}k" if used else ""
        self._view.status = f"{self._options.model.name} · {self._permits.mode}{share}"
        self._view.draw()

    def _tell(self, event: str, **payload: object) -> None:
        self._reports.tell(event, session_id=self._talk.session, **payload)

    # The stage

    def hear(self, text: str) -> None:
        self._view.hear(text)

    def heard(self) -> None:
        self._view.heard()

    def note(self, text: str) -> None:
        self._view.say(text, DIM)

    def begin(self, what: str) -> None:
        self._reports.publish("busy")
        self._view.begin(what)

    def rest(self, seconds: float, why: Refused) -> None:
        self._view.say(f"{why}; asking again in {seconds:.0f} s", DIM)
        if why.is_limit:
            self._reports.publish("limited", str(why), time.time() + seconds)

    def told(self, reply: Reply) -> None:
        used, window = reply.spent.context, self._options.model.window
        self._tell("StatusLine", context=used, window=window)
        self._show()

    def done(self, call: Shown, outcome: Outcome) -> None:
        self._view.done(call, outcome)

    async def ask(self, name: str, call: ToolUse, asked: Shown) -> Said:
        """The first answer counts, from the pane or from outside."""
        always = "this command" if name == "shell" else "edits"
        self._view.question = Question(asked.heading, asked.lines, always)
        verdict: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._verdict = verdict
        payload: dict[str, object] = {
            "tool_name": name,
            "tool_input": call.input,
            "session_id": self._talk.session,
        }
        self._reports.publish("waiting", f"permission: {one_line(asked.heading, 200)}")
        outside = asyncio.ensure_future(self._reports.ask(payload))
        outside.add_done_callback(lambda done: _decide(done, verdict))
        self._view.draw()
        try:
            return await verdict
        finally:
            outside.cancel()
            self._view.question = None
            self._reports.publish("busy")


def _decide(outside: "asyncio.Task[Decision | None]", verdict: "asyncio.Future[Said]") -> None:
    if outside.cancelled() or verdict.done():
        return
    if (decision := outside.result()) is not None:
        verdict.set_result(Said(Say.YES if decision.allow else Say.NO, decision.reason))
