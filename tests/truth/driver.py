"""Leads one agent through its turns and notes what it really was doing.

Rules for what cannot be known from outside:

- Before the first request of its first prompt, nothing is judged.
- Between the moment a prompt's typing begins and its first request, idle and busy are right. A
  request that no prompt led to (a CLI that hears of the end of a background command) may follow
  up to a second of preparation. Nothing is prepared before the last answer is whole.
- A turn is over with the last byte of the last answer, or with the key that interrupts it; then
  its last byte, which some CLIs go on to fetch, tells nothing. After
  the last byte a CLI runs its hooks and saves: until the last look at which its screen still
  shows it at work, but for no more than a second, busy and idle are right.
- Where the screen tells that the keys that interrupt were lost, they are pressed again, and from
  the first time to the last nothing is judged.
- It waits from the last look that did not show the dialog; between the answer that calls for a
  permission and that look, busy and waiting are right. It waits until the key is pressed.
- From a refusal for too many requests until the next try, busy and limited are right.
- A refusal for the plan's limit leaves it limited until the next request, or waiting where its CLI
  shows a dialog.
- A CLI that asks only when its answer is whole waits from the last look that did not show the
  dialog; from the reply until its box is on the screen nothing is judged.
- It is dead from the kill on. Once it is resumed nothing is judged until its input box has been
  on the screen for a second: from outside nobody sees when it begins to take keys.
"""

import asyncio
import math
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from command_center.domain import events as ev, intents as want
from command_center.domain.model import State
from command_center.drivers.glass import Glass, Key
from tests.center import Center
from tests.scripted.records import Request
from tests.scripted.server import ScriptedModel
from tests.truth.eyes import Eyes
from tests.truth.kinds import Cli
from tests.truth.timeline import Mark

PATIENCE = 120.0
KEY_PAUSE = 0.2
KEY_PATIENCE = 3.0
"""Seconds in which a CLI shows that it has heard keys."""
PREPARATION = 1.0
LIMIT = "limit:"
"""The script step that refuses for the plan's limit."""


class Driver:
    def __init__(
        self, center: Center, model: ScriptedModel, eyes: Eyes, cli: Cli, agent: str
    ) -> None:
        self._center = center
        self._model = model
        self._eyes = eyes
        self.cli = cli
        self._glass = Glass(center.places.socket)
        self.agent = agent
        self._typed: list[tuple[str, float]] = []
        """Each prompt and when its typing began."""
        self._marks: list[Mark] = [Mark(None, 0.0, 0.0)]
        self._pressed = 0.0
        self._asks_last: set[str] = set()
        """Prompts whose answer ends with a dialog."""
        self._cut_off: dict[str, float] = {}
        """When a key ended the turns of prompts that were interrupted."""

    async def close(self) -> None:
        await self._glass.close()

    async def launched_with(self, prompt: str) -> None:
        """Until the turn of the prompt in its command line is over."""
        self._typed.append((prompt, time.time()))
        await self.finished(prompt)

    def marks(self) -> list[Mark]:
        """Everything that is known now."""
        marks = list(self._marks)
        for prompt, typed in self._typed:
            marks += self._request_marks(self._cut(prompt), typed)
        return marks

    def lags(self) -> list[float]:
        """Seconds from the last byte of each turn until the CLI's own screen was at rest."""
        asked = (request for prompt, _ in self._typed for request in self.requests(prompt))
        ends = (request.t_end for request in asked if _ends_turn(request))
        return sorted(self._at_rest(end) - end for end in ends)

    async def kill(self) -> None:
        """As a crash would."""
        before = time.time()
        os.killpg(self._center.fleet.agents[self.agent].pid, signal.SIGKILL)
        self._marks.append(Mark(State.EXITED, before, time.time()))

    async def resume(self) -> None:
        """Until it can be expected to take keys."""
        asked = time.time()
        self._marks.append(Mark(None, asked, asked))
        answer = await self._center.answer(want.Resume(self.agent))
        assert not answer.is_refused, answer.text
        look = await self._eyes.until_shown(self.agent, self.cli.box, asked + 0.5, PATIENCE)
        self._marks.append(Mark(State.IDLE, asked, look.at + PREPARATION))

    async def turn(self, script: str) -> None:
        await self.finished(await self.send(script))

    async def turn_by_hand(self, script: str) -> None:
        """A prompt that the user types into the pane."""
        prompt = f"SM[{script}]SM {self.agent} {len(self._typed)}"
        pane = self._center.fleet.agents[self.agent].pane
        typed = time.time()
        self._typed.append((prompt, typed))
        # A CLI may take a key for the end of its limit.
        self._marks.append(Mark(None, typed, typed))
        await self._glass.paste(pane, prompt)
        await asyncio.sleep(KEY_PAUSE)
        await self._glass.type_keys(pane, [Key("enter", "\r")])
        await self.finished(prompt)

    async def send(self, script: str) -> str:
        """Returns the prompt when the model has heard it."""
        prompt = f"SM[{script}]SM {self.agent} {len(self._typed)}"
        after = self._center.fleet.seq
        queued = await self._center.answer(want.Send(self.agent, prompt))
        assert not queued.is_refused, queued.text
        await self.until(lambda: prompt in [heard.rstrip() for heard in self._model.prompts()])
        heard, typed = time.time(), self._typing(queued.text, after)
        self._typed.append((prompt, typed))
        # The server notes a request at its end only, which a hang-up may not bring in time.
        self._marks.append(Mark(State.BUSY, typed, heard))
        return prompt

    def _typing(self, prompt: str, after: int) -> float:
        records = self._center.view.records(after)
        return next(
            record.at
            for record in records
            if isinstance(record.event, ev.PromptTyping) and record.event.prompt == prompt
        )

    async def dialog(self, prompt: str, number: int, chance: random.Random) -> None:
        """Until the dialog of the `number`-th call of permission stands, and a while longer."""

        def called() -> list[Request]:
            return [r for r in self.requests(prompt) if r.calls and r.complete]

        await self.until(lambda: len(called()) >= number)
        asked = max(called()[number - 1].t_end, self._pressed)
        look = await self._eyes.until_shown(self.agent, self.cli.dialog, asked, PATIENCE)
        self._marks.append(Mark(State.WAITING, asked, max(asked, look.before)))
        await asyncio.sleep(chance.uniform(0.8, 3))

    async def last_dialog(self, script: str, chance: random.Random, *keys: Key) -> None:
        """A turn that ends with a dialog, and the reply to it."""
        prompt = await self.send(script)
        self._asks_last.add(prompt)
        await self.finished(prompt)
        ended = self.requests(prompt)[-1].t_end
        look = await self._eyes.until_shown(self.agent, self.cli.dialog, ended, PATIENCE)
        self._marks.append(Mark(State.WAITING, ended, max(ended, look.before)))
        await asyncio.sleep(chance.uniform(0.8, 3))
        replied = time.time()
        await self.press(State.IDLE, *keys)
        self._marks[-1] = Mark(None, replied, replied)
        look = await self._eyes.until_shown(self.agent, self.cli.box, self._pressed, PATIENCE)
        self._marks.append(Mark(State.IDLE, look.at, look.at))

    async def limit_dialog(self, prompt: str, chance: random.Random) -> None:
        """Until the dialog that tells of the plan's limit stands, and a while longer."""
        ended = max(request.t_end for request in self.requests(prompt))
        look = await self._eyes.until_shown(self.agent, self.cli.limit_dialog, ended, PATIENCE)
        self._marks.append(Mark(State.WAITING, ended, max(ended, look.before)))
        await asyncio.sleep(chance.uniform(0.8, 3))

    async def press(self, leads_to: State, *keys: Key) -> None:
        pane, before = self._center.fleet.agents[self.agent].pane, time.time()
        for number, key in enumerate(keys):
            await asyncio.sleep(KEY_PAUSE if number else 0)
            await self._glass.type_keys(pane, [key])
        self._pressed = time.time()
        self._marks.append(Mark(leads_to, before, self._pressed))
        if leads_to is State.IDLE:
            self._cut_off[self._typed[-1][0]] = self._pressed

    async def interrupt(self) -> None:
        while True:
            began = time.time()
            await self.press(State.IDLE, *self.cli.interrupt)
            if not self.cli.unheard or await self._are_heard():
                return
            self._marks[-1] = Mark(None, began, began)

    async def _are_heard(self) -> bool:
        deadline = time.time() + KEY_PATIENCE
        while re.search(self.cli.unheard, self._eyes.looks[self.agent].text, re.MULTILINE):
            if time.time() > deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    async def finished(self, prompt: str) -> None:
        await self.until(lambda: any(map(_ends_turn, self.requests(prompt))))

    def requests(self, prompt: str) -> list[Request]:
        """Of one prompt, in the order they came."""
        of_it = (
            r
            for r in self._model.requests
            if not r.side and r.prompts and r.prompts[-1].rstrip() == prompt
        )
        return sorted(of_it, key=lambda r: r.t0)

    def _cut(self, prompt: str) -> list[Request]:
        """Its requests; one that outlived the key that ended its turn was not answered."""
        key = self._cut_off.get(prompt, math.inf)
        return [
            replace(request, complete=request.complete and not request.t0 < key < request.t_end)
            for request in self.requests(prompt)
        ]

    def _request_marks(self, requests: Sequence[Request], typed: float) -> Iterator[Mark]:
        free: float | None = typed
        for number, request in enumerate(requests):
            if free is not None:
                yield prepared(request.t0, free, self._answers())
                free = None
            after = requests[number + 1] if number + 1 < len(requests) else None
            if _ends_turn(request) and request.prompts[-1].rstrip() in self._asks_last:
                free = request.t_end
            elif _ends_turn(request) or (after is None and request.status >= 400):
                free = request.t_end
                yield Mark(self._state_after(request), free, self._at_rest(free))
            elif after is not None and request.status == 429:
                yield Mark(State.LIMITED, request.t_end, after.t0)
                yield Mark(State.BUSY, after.t0, after.t0)

    def _answers(self) -> list[float]:
        """When each answer to any prompt was whole."""
        asked = (request for prompt, _ in self._typed for request in self._cut(prompt))
        return [request.t_end for request in asked if request.complete]

    def _at_rest(self, ended: float) -> float:
        return self._eyes.last_shown(self.agent, self.cli.working, ended, PREPARATION)

    def _state_after(self, request: Request) -> State:
        if request.status != 429 or LIMIT not in request.prompts[-1]:
            return State.IDLE
        return State.WAITING if self.cli.limit_dialog else State.LIMITED

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def _ends_turn(request: Request) -> bool:
    return request.complete and request.status == 200 and not request.calls


def prepared(asked: float, free: float, answers: Iterable[float]) -> Mark:
    """Busy with the request of `asked`; `free` is when it may have begun at the earliest."""
    answered = max((at for at in answers if at <= asked), default=0.0)
    return Mark(State.BUSY, max(free, answered, asked - PREPARATION), asked)
