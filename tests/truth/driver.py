"""Leads one agent through its turns and notes what it really was doing.

Rules for what cannot be known from outside:

- Before the first request of its first prompt, nothing is judged.
- Between the moment a prompt's typing begins and its first request, idle and busy are right. A
  request that no prompt led to (a CLI that hears of the end of a background command) may follow
  up to a second of preparation.
- A turn is over with the last byte of the last answer, or with the key that interrupts it. After
  the last byte a CLI runs its hooks and saves: until the last look at which its screen still
  shows it at work, but for no more than a second, busy and idle are right.
- It waits from the last look that did not show the dialog; between the answer that calls for a
  permission and that look, busy and waiting are right. It waits until the key is pressed.
- It is dead from the kill on. Once it is resumed nothing is judged until its input box has been
  on the screen for a second: from outside nobody sees when it begins to take keys.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from command_center.domain import events as ev
from command_center.domain import intents as want
from command_center.domain.model import State
from command_center.drivers.glass import Glass, Key
from tests.center import Center
from tests.scripted.records import Request
from tests.scripted.server import ScriptedModel
from tests.truth.eyes import Eyes
from tests.truth.kinds import Cli, Kind
from tests.truth.timeline import Mark

PATIENCE = 60.0
KEY_PAUSE = 0.2
PREPARATION = 1.0


class Driver:
    def __init__(
        self, center: Center, model: ScriptedModel, eyes: Eyes, cli: Cli, agent: str
    ) -> None:
        self._center = center
        self._model = model
        self._eyes = eyes
        self._cli = cli
        self._glass = Glass(center.places.socket)
        self.agent = agent
        self._typed: list[tuple[str, float]] = []
        """Each prompt and when its typing began."""
        self._marks: list[Mark] = [Mark(None, 0.0, 0.0)]
        self._pressed = 0.0
        self.turn_began = time.time()

    async def close(self) -> None:
        await self._glass.close()

    async def launched_with(self, prompt: str) -> None:
        """Until the turn of the prompt in its command line is over."""
        self._typed.append((prompt, time.time()))
        await self._finished(prompt)

    async def play(self, kind: Kind, chance: random.Random) -> None:
        """One turn, and the pause after it. Raises TimeoutError when the CLI does not go along."""
        self.turn_began = time.time()
        await _TURNS[kind](self, chance)
        await asyncio.sleep(chance.uniform(0.6, 2.5))

    def marks(self) -> list[Mark]:
        """Everything that is known now."""
        marks = list(self._marks)
        for prompt, typed in self._typed:
            marks += self._request_marks(self._requests(prompt), typed)
        return marks

    def lags(self) -> list[float]:
        """Seconds from the last byte of each turn until the CLI's own screen was at rest."""
        asked = (request for prompt, _ in self._typed for request in self._requests(prompt))
        ends = (request.t_end for request in asked if _ends_turn(request))
        return sorted(self._at_rest(end) - end for end in ends)

    async def quick(self, chance: random.Random) -> None:
        await self._turn(_say(chance))

    async def slow(self, chance: random.Random) -> None:
        await self._turn(_streamed(chance.uniform(1, 4)))

    async def think(self, chance: random.Random) -> None:
        await self._turn(f"wait:{chance.uniform(1, 5):.1f} ;; {_say(chance)}")

    async def tool(self, _chance: random.Random) -> None:
        await self._turn(f"{self._cli.tool} ;; {_streamed(1)}")

    async def retry(self, chance: random.Random) -> None:
        await self._turn(f"err:{chance.choice((500, 503))},1 ;; {_say(chance)}")

    async def rate(self, chance: random.Random) -> None:
        await self._turn(f"err:429,1 ;; {_say(chance)}")

    async def fail(self, _chance: random.Random) -> None:
        prompt = await self._send("err:403 ;; say:never")
        await self._until(lambda: any(r.status == 403 for r in self._requests(prompt)))
        await asyncio.sleep(1.0)

    async def approve(self, chance: random.Random) -> None:
        await self._asking([f"touch {_file(chance)}"], chance)

    async def long_command(self, chance: random.Random) -> None:
        await self._asking([f"touch {_file(chance)} && sleep {chance.uniform(1, 3):.1f}"], chance)

    async def twice(self, chance: random.Random) -> None:
        await self._asking([f"touch {_file(chance)}", f"touch {_file(chance)}"], chance)

    async def deny(self, chance: random.Random) -> None:
        prompt = await self._send(f"{self._cli.case.ask}:touch {_file(chance)} ;; say:never")
        await self._dialog(prompt, 1, chance)
        await self._press(State.IDLE, Key("escape", "\x1b"))

    async def parallel(self, chance: random.Random) -> None:
        prompt = await self._send(
            f"par:touch {_file(chance)} %% touch {_file(chance)} ;; say:Both."
        )
        for _ in range(2):
            await self._dialog(prompt, 1, chance)
            await self._press(State.BUSY, self._cli.case.yes)
        await self._finished(prompt)

    async def early_escape(self, chance: random.Random) -> None:
        await self._send("wait:30 ;; say:never")
        await asyncio.sleep(chance.uniform(0.8, 2))
        await self._press(State.IDLE, *self._cli.interrupt)

    async def escape(self, chance: random.Random) -> None:
        await self._send(_streamed(30))
        await asyncio.sleep(chance.uniform(0.8, 3))
        await self._press(State.IDLE, *self._cli.interrupt)

    async def second(self, chance: random.Random) -> None:
        first = await self._send(_streamed(3))
        second = await self._send(_say(chance))
        await self._finished(first)
        await self._finished(second)

    async def crash(self, chance: random.Random) -> None:
        await self._send(_streamed(30))
        await asyncio.sleep(chance.uniform(0.8, 2))
        before = time.time()
        os.killpg(self._center.fleet.agents[self.agent].pid, signal.SIGKILL)
        self._marks.append(Mark(State.EXITED, before, time.time()))
        await asyncio.sleep(chance.uniform(1, 2))
        asked = time.time()
        self._marks.append(Mark(None, asked, asked))
        answer = await self._center.answer(want.Resume(self.agent))
        assert not answer.is_refused, answer.text
        look = await self._eyes.until_shown(self.agent, self._cli.box, asked + 0.5, PATIENCE)
        self._marks.append(Mark(State.IDLE, asked, look.at + PREPARATION))

    async def background(self, chance: random.Random) -> None:
        call = {"command": f"touch {_file(chance)} && sleep 3", "run_in_background": True}
        called = json.dumps({**call, "description": "A nap"})
        prompt = await self._send(f"tool:Bash|{called} ;; say:It sleeps.")
        await self._dialog(prompt, 1, chance)
        await self._press(State.BUSY, self._cli.case.yes)
        await self._finished(prompt)
        ended = len(self._requests(prompt))
        await self._until(lambda: len(self._requests(prompt)) > ended)

    async def _asking(self, commands: Sequence[str], chance: random.Random) -> None:
        steps = [f"{self._cli.case.ask}:{command}" for command in commands]
        prompt = await self._send(" ;; ".join((*steps, _streamed(1))))
        for number in range(len(commands)):
            await self._dialog(prompt, number + 1, chance)
            await self._press(State.BUSY, self._cli.case.yes)
        await self._finished(prompt)

    async def _turn(self, script: str) -> None:
        await self._finished(await self._send(script))

    async def _send(self, script: str) -> str:
        """Returns the prompt when the model has heard it."""
        prompt = f"SM[{script}]SM {self.agent} {len(self._typed)}"
        after = self._center.fleet.seq
        queued = await self._center.answer(want.Send(self.agent, prompt))
        assert not queued.is_refused, queued.text
        await self._until(lambda: prompt in [heard.rstrip() for heard in self._model.prompts()])
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

    async def _dialog(self, prompt: str, number: int, chance: random.Random) -> None:
        """Until the dialog of the `number`-th call of permission stands, and a while longer."""

        def called() -> list[Request]:
            return [r for r in self._requests(prompt) if r.calls and r.complete]

        await self._until(lambda: len(called()) >= number)
        asked = max(called()[number - 1].t_end, self._pressed)
        look = await self._eyes.until_shown(self.agent, self._cli.dialog, asked, PATIENCE)
        self._marks.append(Mark(State.WAITING, asked, max(asked, look.before)))
        await asyncio.sleep(chance.uniform(0.8, 3))

    async def _press(self, leads_to: State, *keys: Key) -> None:
        pane, before = self._center.fleet.agents[self.agent].pane, time.time()
        for number, key in enumerate(keys):
            await asyncio.sleep(KEY_PAUSE if number else 0)
            await self._glass.type_keys(pane, [key])
        self._pressed = time.time()
        self._marks.append(Mark(leads_to, before, self._pressed))

    async def _finished(self, prompt: str) -> None:
        await self._until(lambda: any(map(_ends_turn, self._requests(prompt))))

    def _requests(self, prompt: str) -> list[Request]:
        """Of one prompt, in the order they came."""
        of_it = (
            r
            for r in self._model.requests
            if not r.side and r.prompts and r.prompts[-1].rstrip() == prompt
        )
        return sorted(of_it, key=lambda r: r.t0)

    def _request_marks(self, requests: Sequence[Request], typed: float) -> Iterator[Mark]:
        free: float | None = typed
        for number, request in enumerate(requests):
            if free is not None:
                yield Mark(State.BUSY, max(free, request.t0 - PREPARATION), request.t0)
                free = None
            is_last = number == len(requests) - 1
            if _ends_turn(request) or (is_last and request.status >= 400):
                free = request.t_end
                yield Mark(State.IDLE, free, self._at_rest(free))

    def _at_rest(self, ended: float) -> float:
        return self._eyes.last_shown(self.agent, self._cli.working, ended, PREPARATION)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def _ends_turn(request: Request) -> bool:
    return request.complete and request.status == 200 and not request.calls


def _say(chance: random.Random) -> str:
    return f"say:{chance.choice(('Done.', 'All good.', 'So it is.'))}"


def _streamed(seconds: float) -> str:
    chunks = max(1, round(seconds / 0.2))
    return f"slow:{chunks},0.2 ;; say:{'word ' * 5}"


def _file(chance: random.Random) -> str:
    return f"made-{chance.randrange(10**6)}.txt"


_TURNS = {
    Kind.QUICK: Driver.quick,
    Kind.SLOW: Driver.slow,
    Kind.THINK: Driver.think,
    Kind.TOOL: Driver.tool,
    Kind.APPROVE: Driver.approve,
    Kind.LONG_COMMAND: Driver.long_command,
    Kind.TWICE: Driver.twice,
    Kind.PARALLEL: Driver.parallel,
    Kind.DENY: Driver.deny,
    Kind.ESCAPE: Driver.escape,
    Kind.EARLY_ESCAPE: Driver.early_escape,
    Kind.RETRY: Driver.retry,
    Kind.RATE: Driver.rate,
    Kind.FAIL: Driver.fail,
    Kind.SECOND: Driver.second,
    Kind.CRASH: Driver.crash,
    Kind.BACKGROUND: Driver.background,
}
