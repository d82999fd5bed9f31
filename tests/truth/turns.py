"""The turns an agent is led through, one function per kind."""

import asyncio
import json
import random
from collections.abc import Sequence

from command_center.domain.model import State
from tests.truth.driver import LIMIT, Driver
from tests.truth.kinds import Kind


async def play(driver: Driver, kind: Kind, chance: random.Random) -> None:
    """One turn, and the pause after it. Raises TimeoutError when the CLI does not go along."""
    await TURNS[kind](driver, chance)
    await asyncio.sleep(chance.uniform(0.6, 2.5))


async def quick(driver: Driver, chance: random.Random) -> None:
    await driver.turn(_say(chance))


async def slow(driver: Driver, chance: random.Random) -> None:
    await driver.turn(_streamed(chance.uniform(1, 4)))


async def think(driver: Driver, chance: random.Random) -> None:
    await driver.turn(f"wait:{chance.uniform(1, 5):.1f} ;; {_say(chance)}")


async def tool(driver: Driver, _chance: random.Random) -> None:
    await driver.turn(f"{driver.cli.tool} ;; {_streamed(1)}")


async def retry(driver: Driver, chance: random.Random) -> None:
    await driver.turn(f"err:{chance.choice((500, 503))},1 ;; {_say(chance)}")


async def rate(driver: Driver, chance: random.Random) -> None:
    await driver.turn(f"err:429,1 ;; {_say(chance)}")


async def fail(driver: Driver, _chance: random.Random) -> None:
    prompt = await driver.send("err:403 ;; say:never")
    await driver.until(lambda: any(r.status == 403 for r in driver.requests(prompt)))
    await asyncio.sleep(1.0)


async def limit(driver: Driver, chance: random.Random) -> None:
    prompt = await driver.send(f"{LIMIT}3600 ;; say:never")
    await driver.until(lambda: any(r.status == 429 for r in driver.requests(prompt)))
    if driver.cli.limit_dialog:
        await driver.limit_dialog(prompt, chance)
    else:
        await asyncio.sleep(chance.uniform(1, 3))
    if driver.cli.limit_ends:
        await driver.press(State.IDLE, *driver.cli.limit_ends)
    else:
        await driver.turn_by_hand(_say(chance))


async def approve(driver: Driver, chance: random.Random) -> None:
    if driver.cli.asks_last:
        await driver.last_dialog(_edit(chance), chance, driver.cli.case.yes)
        return
    await _asking(driver, [_made(chance)], chance)


async def long_command(driver: Driver, chance: random.Random) -> None:
    await _asking(driver, [f"{_made(chance)} && sleep {chance.uniform(1, 3):.1f}"], chance)


async def twice(driver: Driver, chance: random.Random) -> None:
    await _asking(driver, [_made(chance), _made(chance)], chance)


async def deny(driver: Driver, chance: random.Random) -> None:
    if driver.cli.asks_last:
        await driver.last_dialog(_edit(chance), chance, *driver.cli.refuse)
        return
    prompt = await driver.send(f"{driver.cli.case.ask}:{_made(chance)} ;; say:never")
    await driver.dialog(prompt, 1, chance)
    await driver.press(State.IDLE, *driver.cli.refuse)


async def parallel(driver: Driver, chance: random.Random) -> None:
    prompt = await driver.send(f"par:{_made(chance)} %% {_made(chance)} ;; say:Both.")
    for _ in range(2):
        await driver.dialog(prompt, 1, chance)
        await driver.press(State.BUSY, driver.cli.case.yes)
    await driver.finished(prompt)


async def early_escape(driver: Driver, chance: random.Random) -> None:
    await driver.send("wait:30 ;; say:never")
    await asyncio.sleep(chance.uniform(0.8, 2))
    await driver.interrupt()


async def escape(driver: Driver, chance: random.Random) -> None:
    await driver.send(_streamed(30))
    await asyncio.sleep(chance.uniform(0.8, 3))
    await driver.interrupt()


async def second(driver: Driver, chance: random.Random) -> None:
    first = await driver.send(_streamed(3))
    second = await driver.send(_say(chance))
    await driver.finished(first)
    await driver.finished(second)


async def background(driver: Driver, chance: random.Random) -> None:
    call = {"command": f"{_made(chance)} && sleep 3", "run_in_background": True}
    called = json.dumps({**call, "description": "A nap"})
    prompt = await driver.send(f"tool:Bash|{called} ;; say:It sleeps.")
    await driver.dialog(prompt, 1, chance)
    await driver.press(State.BUSY, driver.cli.case.yes)
    await driver.finished(prompt)
    ended = len(driver.requests(prompt))
    await driver.until(lambda: len(driver.requests(prompt)) > ended)


async def crash(driver: Driver, chance: random.Random) -> None:
    await driver.send(_streamed(30))
    await asyncio.sleep(chance.uniform(0.8, 2))
    await driver.kill()
    await asyncio.sleep(chance.uniform(1, 2))
    await driver.resume()


async def _asking(driver: Driver, commands: Sequence[str], chance: random.Random) -> None:
    steps = [f"{driver.cli.case.ask}:{command}" for command in commands]
    prompt = await driver.send(" ;; ".join((*steps, _streamed(1))))
    for number in range(len(commands)):
        await driver.dialog(prompt, number + 1, chance)
        await driver.press(State.BUSY, driver.cli.case.yes)
    await driver.finished(prompt)


def _say(chance: random.Random) -> str:
    return f"say:{chance.choice(('Done.', 'All good.', 'So it is.'))}"


def _streamed(seconds: float) -> str:
    chunks = max(1, round(seconds / 0.2))
    return f"slow:{chunks},0.2 ;; say:{'word ' * 5}"


def _edit(chance: random.Random) -> str:
    return f"write:made-{chance.randrange(10**6)}.txt|made"


def _made(chance: random.Random) -> str:
    """A command that every CLI asks about."""
    return f"echo made > made-{chance.randrange(10**6)}.txt"


TURNS = {
    Kind.QUICK: quick,
    Kind.SLOW: slow,
    Kind.THINK: think,
    Kind.TOOL: tool,
    Kind.APPROVE: approve,
    Kind.LONG_COMMAND: long_command,
    Kind.TWICE: twice,
    Kind.PARALLEL: parallel,
    Kind.DENY: deny,
    Kind.ESCAPE: escape,
    Kind.EARLY_ESCAPE: early_escape,
    Kind.RETRY: retry,
    Kind.RATE: rate,
    Kind.LIMIT: limit,
    Kind.FAIL: fail,
    Kind.SECOND: second,
    Kind.CRASH: crash,
    Kind.BACKGROUND: background,
}
