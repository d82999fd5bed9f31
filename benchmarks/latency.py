"""From what happens to what a client sees, with 100 agents of which 20 repaint ten times a second.

    python -m benchmarks.latency [samples]

A signal is a file as a pty proxy writes it; it is visible when `View.poll`, called ten times a
second in this process as the dashboard does, shows the state it tells. An intent is a file as
well; its answer is seen the same way. A prompt is typed when the log says so, which includes the
spec's pause of 50 ms between paste and Enter.
"""

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.supervised import generated_repository, launch_many, ram_folder, supervised
from benchmarks.table import Row, finish, row
from command_center.domain import events as ev
from command_center.domain.intents import Hide, Launch, Send, Show
from command_center.domain.model import Agent, Delivery, Fleet, State
from command_center.store.inbox import Inbox
from tests.center import Center

IDLE = 80
CHATTY = 20
SAMPLES = 200
SENDS = 40
BAR_MS = 250.0
POLL_SECONDS = 0.1
PATIENCE = 20.0

CHATTER_SPEC = """
id = "chatter"
name = "Chatter"
[binary]
names = ["${python}"]
version = []
[launch]
argv = ["${binary}", "-m", "benchmarks.chatter", "10"]
env = { PYTHONPATH = "%s" }
"""


class Dashboard:
    """Polls the view on its own beat, whatever happens when."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._waiting: tuple[Callable[[Fleet], bool], asyncio.Future[float]] | None = None

    async def run(self) -> None:
        while True:
            fleet = self._center.fleet
            if self._waiting is not None and self._waiting[0](fleet):
                self._waiting[1].set_result(time.perf_counter())
                self._waiting = None
            await asyncio.sleep(POLL_SECONDS)

    async def sees(self, holds: Callable[[Fleet], bool]) -> float:
        """When a poll first showed it, by the performance counter."""
        seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting = holds, seen
        return await asyncio.wait_for(seen, PATIENCE)


async def signals(
    center: Center, dashboard: Dashboard, agents: list[Agent], count: int
) -> list[float]:
    inbox, took = Inbox(center.places.signals), []
    for number in range(count):
        agent = agents[number // 2 % len(agents)]
        said, state = (("done", State.IDLE), ("working", State.BUSY))[1 - number % 2]
        await asyncio.sleep(random.uniform(0, POLL_SECONDS))
        signal = {"v": 1, "source": "osc7501", "agent": agent.id, "launch": agent.launch}
        landed = time.perf_counter()
        inbox.drop(json.dumps({**signal, "state": said, "at": time.time()}).encode())
        seen = await dashboard.sees(partial(is_in, agent.id, state))
        took.append(seen - landed)
    return took


async def intents(
    center: Center, dashboard: Dashboard, agents: list[Agent], count: int
) -> list[float]:
    took = []
    for number in range(count):
        await asyncio.sleep(random.uniform(0, POLL_SECONDS))
        kind = (Hide, Show)[number % 2]
        landed = time.perf_counter()
        asked = center.ask(kind(agents[number // 2 % len(agents)].id))
        seen = await dashboard.sees(partial(is_answered, asked))
        took.append(seen - landed)
    return took


async def sends(
    center: Center, dashboard: Dashboard, agents: list[Agent], count: int
) -> list[float]:
    took = []
    for number in range(count):
        agent = agents[number % len(agents)]
        after, dropped = center.fleet.seq, time.time()
        center.ask(Send(agent.id, f"prompt {number}"))
        await dashboard.sees(partial(is_finished, agent.id))
        typed = next(r for r in center.view.records(after) if isinstance(r.event, ev.PromptTyped))
        took.append(typed.at - dropped)
        await asyncio.sleep(random.uniform(0, POLL_SECONDS))
    return took


def is_in(agent: str, state: State, fleet: Fleet) -> bool:
    return fleet.agents[agent].state is state


def is_answered(intent: str, fleet: Fleet) -> bool:
    return intent in fleet.answers


def is_finished(agent: str, fleet: Fleet) -> bool:
    receipts = fleet.agents[agent].receipts
    return receipts != () and receipts[-1].delivery is Delivery.FINISHED


async def measure(samples: int) -> list[Row]:
    with ram_folder() as ram:
        repo = generated_repository(ram / "project", 20)
        async with supervised(ram / "home", repo) as center:
            agents = list((await launch_many(center, IDLE)).agents.values())
            await start_chatter(center)
            dashboard = Dashboard(center)
            beat = asyncio.create_task(dashboard.run())
            took = {
                "signal landed -> seen": await signals(center, dashboard, agents, samples),
                "intent sent -> answer seen": await intents(center, dashboard, agents, samples),
                "prompt sent -> typed": await sends(center, dashboard, agents, min(samples, SENDS)),
            }
            beat.cancel()
    return [latency_row(name, times) for name, times in took.items()]


async def start_chatter(center: Center) -> None:
    center.add_spec("chatter", CHATTER_SPEC % Path.cwd())
    for _ in range(CHATTY):
        center.ask(Launch("chatter", str(center.repo)))
    await center.until(
        lambda fleet: [a.state for a in fleet.agents.values()].count(State.UNKNOWN) == CHATTY, 120
    )


def latency_row(name: str, seconds: list[float]) -> Row:
    p50, p95 = statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000
    what = f"{name}, {len(seconds)} times: p50, p95"
    return row(what, f"{p50:.0f}, {p95:.0f} ms", "-", "-", f"p95 <= {BAR_MS:.0f} ms", p95 <= BAR_MS)


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    finish("Event to visible", asyncio.run(measure(samples)))


if __name__ == "__main__":
    main()
