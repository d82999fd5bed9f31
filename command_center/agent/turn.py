"""A turn: the model is asked and its tools are run until it has nothing more to do."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from command_center.agent import words
from command_center.agent.history import lighter, parted
from command_center.agent.permits import Leave, Permits
from command_center.agent.record import NOT_DONE, Conversation
from command_center.agent.talk import Ask, Message, Model, Reply, Text, ToolResult, ToolUse
from command_center.agent.tools.ground import Ground
from command_center.agent.tools.kit import (
    NEEDS,
    Shown,
    Told,
    carried_out,
    shown,
    tools,
    understood,
)
from command_center.agent.tools.outcome import Outcome, ToolProblem
from command_center.agent.wires import Refused, Wire

MOST_REQUESTS = 400
"""Of one turn; a model that goes round in circles is not to spend for ever."""
TRIES = 6
PATIENCE = 60.0
"""Seconds; a server that wants to be left alone for longer ends the turn."""
LONGEST_PAUSE = 20.0
FULL = 0.8
"""Of the window, at which the conversation is compacted."""


class Say(StrEnum):
    YES = "yes"
    ALWAYS = "always"
    NO = "no"


class Said(NamedTuple):
    """What the user says to a permission request."""

    word: Say
    reason: str = ""


class Stage(Protocol):
    """Where a turn is seen, and who is asked."""

    def hear(self, text: str) -> None:
        """More of an answer that is coming."""

    def heard(self) -> None:
        """The answer, or what came of it, is over."""

    def note(self, text: str) -> None: ...

    def begin(self, what: str) -> None:
        """What goes on now, in a few words."""

    def rest(self, seconds: float, why: Refused) -> None:
        """The server is asked again after so long."""

    def told(self, reply: Reply) -> None:
        """What an answer has spent."""

    def done(self, call: Shown, outcome: Outcome) -> None: ...

    async def ask(self, name: str, call: ToolUse, asked: Shown) -> Said: ...


class Turns:
    def __init__(
        self,
        model: Model,
        wire: Callable[[], Awaitable[Wire]],
        ground: Ground,
        permits: Permits,
        stage: Stage,
        passed: Sequence[str] = (),
    ) -> None:
        """`passed` names variables that commands get beside the usual ones."""
        self._model = model
        self._wire = wire
        self._ground = ground
        self._permits = permits
        self._stage = stage
        self._passed = passed
        self._draft = Reply()
        """What came so far of the answer under way."""

    async def play(self, talk: Conversation, prompt: str) -> str:
        """What the model said last. Raises Refused; cancelled, the conversation says so."""
        talk.hear(prompt)
        try:
            return await self._play(talk)
        except asyncio.CancelledError:
            talk.interrupt(self._draft)
            raise
        finally:
            self._draft = Reply()

    async def compact(self, talk: Conversation) -> None:
        """Goes on with a summary in place of the history. Raises Refused."""
        before, prompt, tail = parted(talk.messages)
        if not before:
            raise Refused("there is nothing that could be compacted", 413)
        self._stage.begin("compacting the conversation")
        draft = await self._summarised(talk, before)
        talk.spend(draft)
        if not draft.text.strip():
            raise Refused("the model gave no summary", 500)
        told = (Text(words.summary(draft.text)), *([Text(prompt)] if prompt else []))
        talk.compact([Message("user", told), *tail])
        self._stage.note("The conversation was compacted; all of it stays on record.")

    async def _summarised(self, talk: Conversation, before: Sequence[Message]) -> Reply:
        wanted = Message("user", (Text(words.SUMMARISE),))
        for messages in lighter(before):
            try:
                return await self._answered(talk, (*messages, wanted), is_shown=False)
            except Refused as refusal:
                if not refusal.is_too_long:
                    raise
                problem = refusal
        raise problem

    async def _play(self, talk: Conversation) -> str:
        for _ in range(MOST_REQUESTS):
            if talk.size > FULL * self._model.window:
                await self.compact(talk)
            reply = await self._whole(talk)
            talk.answer(reply)
            self._draft = Reply()
            self._stage.told(reply)
            if reply.stop in ("max_tokens", "length"):
                self._stage.note("The answer was cut off: it reached its greatest length.")
            if not (calls := talk.messages[-1].calls if reply.content else ()):
                return reply.text
            await self._carry_out(talk, calls)
        raise Refused(f"stopped after {MOST_REQUESTS} requests in one turn; say how to go on", 400)

    async def _whole(self, talk: Conversation) -> Reply:
        try:
            return await self._answered(talk, tuple(talk.messages), is_shown=True)
        except Refused as refusal:
            if not refusal.is_too_long or len(talk.messages) < 2:
                raise
        await self.compact(talk)
        return await self._answered(talk, tuple(talk.messages), is_shown=True)

    async def _answered(
        self, talk: Conversation, messages: tuple[Message, ...], *, is_shown: bool
    ) -> Reply:
        """Asked again while that may help. Raises Refused."""
        told = words.system(self._ground, self._permits.mode, datetime.now().astimezone().date())
        ask = Ask(told, messages, tools(self._permits.needs), talk.session)
        for left in reversed(range(TRIES)):
            draft = Reply()
            if is_shown:
                self._stage.begin("thinking")
                self._draft = draft
            try:
                await (await self._wire()).answer(
                    ask, draft, self._stage.hear if is_shown else _unheard
                )
            except asyncio.CancelledError:
                if not is_shown:
                    talk.spend(draft)
                raise
            except Refused as refusal:
                self._stage.heard()
                talk.spend(draft)
                self._draft = Reply()
                if not left or not refusal.is_passing or refusal.wait > PATIENCE:
                    raise
                await self._rest(refusal, TRIES - 1 - left)
            else:
                self._stage.heard()
                return draft
        raise AssertionError

    async def _rest(self, refusal: Refused, tried: int) -> None:
        seconds = refusal.wait or min(LONGEST_PAUSE, 0.5 * 2**tried)
        self._stage.rest(seconds, refusal)
        await asyncio.sleep(seconds)

    async def _carry_out(self, talk: Conversation, calls: Sequence[ToolUse]) -> None:
        results: list[ToolResult] = []
        try:
            for call in calls:
                results += [await self._result(call)]
        finally:
            rest = calls[len(results) :]
            talk.tell([*results, *(ToolResult(c.id, NOT_DONE, is_error=True) for c in rest)])

    async def _result(self, call: ToolUse) -> ToolResult:
        asked = Shown(call.name)
        try:
            told = understood(call)
            asked = shown(self._ground, told)
            outcome = await self._permitted(call, told, asked)
        except ToolProblem as problem:
            outcome = Outcome(str(problem), is_error=True, seen=str(problem))
        self._stage.done(asked, outcome)
        return ToolResult(call.id, outcome.text, outcome.is_error)

    async def _permitted(self, call: ToolUse, told: Told, asked: Shown) -> Outcome:
        need = NEEDS[type(told)]
        leave = self._permits.leave(need, told)
        if leave is Leave.NEVER:
            raise ToolProblem("not allowed: the user wants a plan only")
        if leave is Leave.ASK:
            said = await self._stage.ask(call.name, call, asked)
            if said.word is Say.NO:
                raise ToolProblem(said.reason or "The user said no.")
            if said.word is Say.ALWAYS:
                self._permits.allow_always(need, told)
        self._stage.begin(asked.heading)
        return await carried_out(self._ground, told, self._passed)


def _unheard(_: str) -> None:
    return
