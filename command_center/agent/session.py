"""A conversation with its turns: what is asked for, what goes on, and what is told of it."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

from msgspec import Struct

from command_center.agent.markdown import DIM
from command_center.agent.permits import Permits
from command_center.agent.record import Conversation
from command_center.agent.reports import Decision, Reports
from command_center.agent.talk import Model, Reply, ToolUse
from command_center.agent.tools.ground import Ground
from command_center.agent.tools.kit import Shown
from command_center.agent.tools.outcome import Outcome
from command_center.agent.turn import Said, Say, Turns
from command_center.agent.view import RED, Question, View
from command_center.agent.wires import Refused, Wire, wire_for
from command_center.agent.words import folder_name
from command_center.domain.specs import Mode
from command_center.domain.text import one_line

PASTED = ("/clear", "/compact")
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


class Session:
    """Also the stage that its turns play on. `leave` is called when the user wants to."""

    def __init__(self, options: Options, view: View, leave: Callable[[], None]) -> None:
        self._options = options
        self._view = view
        self._leave = leave
        self._folder = options.folder / "conversations"
        self._ground = Ground(Path.cwd())
        self._permits = Permits(options.mode)
        self._talk = Conversation(self._folder, options.session)
        self._reports = Reports(options.folder / "state.json", os.environ)
        self._turns = Turns(
            options.model, self._wire, self._ground, self._permits, self, options.passed
        )
        self._loading: asyncio.Future[Wire] | None = None
        self._turn: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._queue: list[str] = []
        self._verdict: asyncio.Future[Said] | None = None
        self.problem: BaseException | None = None
        """What ended us though it should not have."""

    @property
    def is_busy(self) -> bool:
        return self._turn is not None

    def open(self) -> None:
        self._view.say(f"Agent · {self._options.model.name} · {folder_name(self._ground)}", DIM)
        if prompts := self._talk.prompts:
            count = f"{len(prompts)} prompt{'s' if len(prompts) > 1 else ''}"
            last = one_line(prompts[-1], 60)
            self._view.say(f"The conversation goes on after {count}; the last: {last}", DIM)
        self._settle()
        self._tell("SessionStart", transcript_path=str(self._talk.path))
        self._loading = self._load()
        if self._options.prompt.strip():
            self._begin(self._options.prompt)

    async def close(self) -> None:
        if self._turn is not None:
            self.stop()
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(asyncio.shield(self._turn), GONE_SECONDS)
        self._reports.clear()
        self._tell("SessionEnd")
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

    def answer(self, letter: str) -> None:
        if self._verdict is not None and not self._verdict.done():
            word = {"y": Say.YES, "a": Say.ALWAYS, "n": Say.NO}[letter]
            self._verdict.set_result(Said(word))

    def stop(self) -> None:
        """Once for a turn: what it then tidies up is not to be cut off."""
        if self._turn is not None and not self._is_stopping:
            self._is_stopping = True
            self._turn.cancel()

    def submit(self, text: str, *, is_typed: bool) -> None:
        """A prompt or a command. What was pasted may come from another program or agent: no
        command of it changes what may be done, or ends us.
        """
        word, _, rest = text.strip().partition(" ")
        if (word == "/mode" or not rest) and word in (COMMANDS if is_typed else PASTED):
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
        except OSError as error:
            self._fail(Refused(f"{error.filename}: {error.strerror}", 500))
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
        until = int(refusal.until) or None
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
            self.problem = problem
            self._leave()
        self._view.rest()
        if self._queue and self.problem is None:
            prompt = self._queue.pop(0)
            self._view.queued = len(self._queue)
            self._begin(prompt)

    def _command(self, word: str, rest: str) -> None:
        if word == "/exit":
            self._leave()
        elif word == "/help":
            self._view.say("\n".join(f"{name:<10}{what}" for name, what in COMMANDS.items()), DIM)
        elif self._turn is not None:
            self._view.say(f"{word} has to wait until the turn is over.", DIM)
        elif word == "/clear":
            self._talk = Conversation(self._folder)
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
        self._view.say(f"{why}; asking again in {max(1, round(seconds))} s", DIM)
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
        # The question first: who reads of a wait wants to know at once what for.
        answers = self._reports.ask(payload)
        self._reports.publish("waiting", f"permission: {one_line(asked.heading, 200)}")
        outside = asyncio.ensure_future(answers.decision())
        outside.add_done_callback(lambda done: _decide(done, verdict))
        self._view.draw()
        try:
            return await verdict
        finally:
            outside.cancel()
            answers.close()
            self._view.question = None
            self._reports.publish("busy")


def _decide(outside: "asyncio.Task[Decision]", verdict: "asyncio.Future[Said]") -> None:
    if not outside.cancelled() and not verdict.done():
        decision = outside.result()
        verdict.set_result(Said(Say.YES if decision.allow else Say.NO, decision.reason))
