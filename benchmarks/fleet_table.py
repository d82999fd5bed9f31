"""What a live fleet table costs: ours against Textual's DataTable, in a real terminal.

Run: python -m benchmarks.fleet_table [seconds]
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from benchmarks.fleet_panes import cpu_seconds
from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal
from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent, Diff, Fleet, Order, Repo, State
from command_center.domain.runs import Run, RunLife, RunOrder
from command_center.domain.usage import Context, Tokens
from command_center.tui.run_meters import Reading

AGENTS = 100
UPDATES_PER_SECOND = 100
TICKS_PER_SECOND = 10
ROUNDS = 2
WARM_UP_SECONDS = 1.5
BAR = 0.1
READY = b"a000"
TICKS = "CC_BENCH_TICKS"
"""Names the file that grows by a byte with every tick."""


def agents() -> Iterator[Agent]:
    since = time.time() - 7200
    for number in range(AGENTS):
        name = f"a{number:03}"
        task = f"Fix the flaky test number {number} in module"
        order = Order("claude", "r", f"agents/{name}", "HEAD", "/t", prompt=task)
        state = State.BUSY
        yield Agent(name, name, order, number, state=state, since=since, diff=Diff(12, 3, 1))


def gauge(agent: str, step: int) -> Gauge:
    """One whose count of tokens differs with every step."""
    spent = Tokens(input=100 * step, output=100)
    return Gauge(agent, 0.0, spent=spent, money=0.42, context=Context(50, 100), trend=(5.0, 20.0))


def runs() -> Iterator[Run]:
    for number in range(1, AGENTS + 1):
        order = RunOrder(("python", "train.py"), name="train", metric="val_bpb", seed=number)
        at = time.time() - number
        yield Run(f"R{number}", order, at, life=RunLife.RUNNING, since=at, attempt=1, started_at=at)


def ours(*, with_runs: bool = False) -> None:
    """Agents, or in their place as many runs with a figure that moves."""
    from textual.app import App, ComposeResult

    from command_center.tui import theme
    from command_center.tui.fleet_list import FleetList

    repos = {"r": Repo("r", "shop", "/r", "/r/.git")}
    fleet = Fleet(1, agents={a.id: a for a in agents()}, repos=repos)
    gauges = {name: gauge(name, 1) for name in fleet.agents}
    if with_runs:
        fleet = Fleet(1, runs={run.id: run for run in runs()}, repos=repos)
    readings = {name: reading(1) for name in fleet.runs}

    class Ours(App[None]):
        CSS = "FleetList { height: 1fr; }"

        def __init__(self) -> None:
            # As the dashboard is.
            super().__init__(ansi_color=True)

        def compose(self) -> ComposeResult:
            yield FleetList()

        def on_mount(self) -> None:
            self.register_theme(theme.THEME)
            self.theme = theme.THEME.name
            self.show()
            every_tick(self.set_interval, self.turn)

        def turn(self, changes: list[tuple[str, int]]) -> None:
            if with_runs:
                news = {f"R{1 + int(name[1:])}": reading(step) for name, step in changes}
                readings.update(news)
            else:
                gauges.update({name: gauge(name, step) for name, step in changes})
            self.show()

        def show(self) -> None:
            shown = self.query_one(FleetList)
            shown.show(fleet, time.time(), gauges=dict(gauges), readings=dict(readings))

    Ours().run()


def reading(step: int) -> Reading:
    """One whose value differs with every step."""
    trend = tuple(1.0 / (each + 1) for each in range(8))
    return Reading("val_bpb", 3.0 + step % 1000 / 1000, float(step), trend)


def theirs() -> None:
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    from command_center.tui.figures import short

    columns = ("state", "age", "name", "agent", "task", "tokens", "money", "branch")

    class Theirs(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable[str](cursor_type="row")

        def on_mount(self) -> None:
            table = self.query_one(DataTable)
            for column in columns:
                table.add_column(column, key=column, width=40 if column == "task" else 10)
            for a in agents():
                shown = (a.state, "2h", a.name, a.order.spec, a.task, "1k", "$0.42", a.order.branch)
                table.add_row(*shown, key=a.id)
            every_tick(self.set_interval, self.turn)

        def turn(self, changes: list[tuple[str, int]]) -> None:
            table = self.query_one(DataTable)
            for name, step in changes:
                table.update_cell(name, "tokens", short(gauge(name, step).spent.total))

    Theirs().run()


def every_tick(
    set_interval: Callable[[float, Callable[[], None]], object],
    turn: Callable[[list[tuple[str, int]]], None],
) -> None:
    """Call `turn` with the agents whose cell changes, and what it changes to."""
    chance, step = random.Random(1), 1
    some = UPDATES_PER_SECOND // TICKS_PER_SECOND

    ticks = os.open(os.environ[TICKS], os.O_WRONLY | os.O_APPEND)

    def tick() -> None:
        nonlocal step
        step += 1
        os.write(ticks, b".")
        turn([(f"a{n:03}", step) for n in chance.sample(range(AGENTS), some)])

    set_interval(1 / TICKS_PER_SECOND, tick)


def measure(which: str, seconds: float) -> float:
    """Share of one core at the full rate: on a busy machine neither may come to all its ticks."""
    argv = (sys.executable, "-m", "benchmarks.fleet_table", which)
    environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with tempfile.NamedTemporaryFile() as ticks:
        terminal = Terminal(argv, environ | {TICKS: ticks.name})
        try:
            terminal.until(b"R1" if which == "runs" else READY)
            terminal.drain(WARM_UP_SECONDS)
            process, ticked = psutil.Process(terminal.pid), Path(ticks.name)
            before, first = cpu_seconds(process), ticked.stat().st_size
            terminal.drain(seconds)
            spent, done = cpu_seconds(process) - before, ticked.stat().st_size - first
            return spent / done * TICKS_PER_SECOND
        finally:
            terminal.close()


def main(seconds: float) -> list[Row]:
    found = [(measure("ours", seconds), measure("theirs", seconds)) for _ in range(ROUNDS)]
    mine, other = (sum(each) / ROUNDS for each in zip(*found, strict=True))
    ratio = mine / other
    bar = f"<= {BAR:g} x DataTable"
    changes = f"{UPDATES_PER_SECOND} cell updates/s: CPU of one core"
    with_runs = measure("runs", seconds)
    ratio_of_runs = with_runs / other
    return [
        row(
            f"{AGENTS} {kind}, {changes}",
            f"{used:.1%}",
            f"{other:.1%}",
            f"{found:.3f}",
            bar,
            found <= BAR,
        )
        for kind, used, found in (("rows", mine, ratio), ("runs", with_runs, ratio_of_runs))
    ]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ours"]:
            ours()
        case ["runs"]:
            ours(with_runs=True)
        case ["theirs"]:
            theirs()
        case words:
            finish("the live fleet table", main(float(words[0]) if words else 6.0))
