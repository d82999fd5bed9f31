"""A real event log, written by the test, and a dashboard over it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from command_center.domain import events as ev, intents
from command_center.domain.errors import CommandCenterError, GitError
from command_center.domain.gauges import CatchUp, Gauge
from command_center.domain.intents import Intent
from command_center.domain.layouts import FLEET
from command_center.domain.machine import Sample
from command_center.domain.model import Claim, Diff, Fleet, Order, Repo, Source, State
from command_center.domain.places import Places
from command_center.domain.runs import Run
from command_center.domain.specs import AgentSpec, Binary, Launch, Prompting, Resume
from command_center.drivers.glass import Glass
from command_center.store.catalog import Catalog
from command_center.store.gauges import GaugeStore, GaugeView
from command_center.store.inbox import Inbox
from command_center.store.lock import SupervisorLock
from command_center.store.log import EventLog
from command_center.store.machine import MachineStore, MachineView
from command_center.store.settings import Settings
from command_center.store.view import View
from command_center.tui.app import CommandCenter
from command_center.tui.deck import Deck
from command_center.tui.usage_report import Report, Share

NOON = 1_800_000_000.0

SPECS = {
    spec.id: spec
    for spec in (
        AgentSpec(
            "able", "Able", Binary(("sh",)), Launch(("sh",)), resume=Resume(("sh", "--resume"))
        ),
        AgentSpec(
            "mute", "Mute", Binary(("sh",)), Launch(("sh",)), prompt=Prompting(takes_prompts=False)
        ),
        AgentSpec("demo", "Demo", Binary(("${python}",)), Launch(("sh",)), badge="demo: no model"),
        AgentSpec("absent", "Absent", Binary(("no-such-program",)), Launch(("x",))),
    )
}


class Recording(CommandCenter):
    """Keeps what would go straight to the terminal."""

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.rung: list[str] = []

    def write_terminal(self, sequence: str) -> None:
        self.rung.append(sequence)


async def no_diff(*_: object) -> str:
    raise GitError("there is no git here")


class World:
    """Frozen at noon unless the test moves `now`."""

    def __init__(self, home: Path) -> None:
        self.places = Places.of({"COMMAND_CENTER_HOME": str(home)}, home)
        self.log = EventLog(self.places.log)
        self.inbox = Inbox(self.places.inbox)
        self.view = View(self.places.log)
        self.now = NOON
        self.lock = SupervisorLock(self.places.lock)
        self.start_error: CommandCenterError | None = None
        self.starts = 0
        self.settings = Settings()
        self.layout = FLEET
        self.theme = ""
        self.is_ascii = False
        self.spent = ""
        self.columns: tuple[str, ...] = ()
        self.usage: Callable[[Fleet, int], Report | None] = lambda *_: None
        self.task_costs: dict[str, Share] = {}
        self.code_diff: Callable[[Fleet, Run, Run], Awaitable[str]] = no_diff
        self.glass: Glass | None = None
        self.catalog: Callable[[Path | None], Catalog] = lambda _: Catalog(SPECS, ())

    def close(self) -> None:
        self.lock.release()
        self.log.close()
        self.view.close()

    def app(self) -> "Recording":
        async def start() -> None:
            self.starts += 1
            if self.start_error is not None:
                raise self.start_error
            self.lock.acquire()

        deck = Deck(
            places=self.places,
            view=self.view,
            inbox=self.inbox,
            glass=self.glass,
            catalog=self.catalog,
            repo_root=Path("/src/shop"),
            start_supervisor=start,
            attach_command=lambda agent: ["tmux", "attach", "-t", agent.pane],
            settings=self.settings,
            layout=self.layout,
            theme=self.theme,
            is_ascii=self.is_ascii,
            spent_today=lambda _: self.spent,
            gauges=lambda: GaugeView(self.places.gauges),
            machine=lambda: MachineView(self.places.machine),
            columns=self.columns,
            usage=lambda fleet, days: self.usage(fleet, days),
            task_costs=lambda _: self.task_costs,
            code_diff=lambda fleet, old, new: self.code_diff(fleet, old, new),
            clock=lambda: self.now,
        )
        return Recording(deck)

    def measure(self, *gauges: Gauge, catch_up: CatchUp | None = None) -> None:
        """What the supervisor would have measured."""
        store = GaugeStore(self.places.gauges)
        store.save({gauge.agent: gauge for gauge in gauges}, catch_up)
        store.close()

    def sample(self, *samples: Sample) -> None:
        """What the supervisor would have measured of the machine, oldest first."""
        store = MachineStore(self.places.machine)
        for sample in samples:
            store.save(sample)
        store.close()

    def happen(self, *events: ev.Event, ago: float = 0.0) -> None:
        self.log.append(*events, at=self.now - ago)

    def repo(self, name: str) -> str:
        self.happen(ev.RepositoryAdded(Repo(name, name, f"/src/{name}", f"/src/{name}/.git")))
        return name

    def agent(
        self,
        name: str,
        state: State = State.BUSY,
        reason: str = "",
        *,
        task: str = "",
        spec: str = "able",
        repo: str = "shop",
        ago: float = 0.0,
        diff: Diff | None = None,
        unseen: bool = False,
        pane: str = "",
    ) -> str:
        """Bring an agent into `state` by the events that do it; its id is its name."""
        order = Order(spec, repo, f"agents/{name}", "HEAD", f"/trees/{name}", prompt=task)
        self.happen(ev.LaunchIntended(name, name, f"{name}-1", order), ago=ago + 60)
        if state is State.STARTING:
            return name
        opened = ev.PaneOpened(name, f"{name}-1", pane or f"%{len(name)}")
        self.happen(ev.WorktreeAdded(name, "0" * 40), opened, ago=ago + 50)
        if unseen or state is State.BUSY:
            self.say(name, State.BUSY, ago=ago + 40 if unseen else ago)
        if state is State.PARKED:
            self.happen(ev.StopIntended(name), ev.AgentParked(name), ago=ago)
        elif state is State.EXITED:
            self.happen(ev.ProcessEnded(name, f"{name}-1", code=0), ago=ago)
        elif state is State.LOST:
            self.happen(ev.PaneVanished(name, f"{name}-1"), ago=ago)
        elif state is not State.BUSY or reason:
            self.say(name, state, reason, ago=ago)
        if diff is not None:
            self.happen(ev.DiffMeasured(name, diff))
        return name

    def say(self, name: str, state: State, reason: str = "", *, ago: float = 0.0) -> None:
        claim = Claim(Source.PUBLISHED, state, self.now - ago, reason)
        self.happen(ev.StateClaimed(name, f"{name}-1", claim), ago=ago)

    def asked(self) -> list[Intent]:
        """What the dashboard has dropped into the inbox, oldest first."""
        return [envelope.intent for envelope in self.envelopes()]

    def answer(self, asked: str, text: str) -> None:
        """What the supervisor would say to the intent with this id."""
        self.happen(ev.IntentDone(asked, text=text))

    def envelopes(self) -> list[intents.Envelope]:
        return [intents.decode(file.read_bytes()) for file in self.inbox.waiting()]


def fleet(world: World) -> None:
    """One of everything, as a busy afternoon would have it."""
    for name in ("shop", "api"):
        world.repo(name)
    world.agent(
        "ada",
        State.WAITING,
        "permission: Bash rm -rf build",
        ago=125,
        task="Fix the flaky checkout test in CI",
        diff=Diff(120, 8, 3, 2, 1),
    )
    world.agent(
        "bell",
        State.BUSY,
        task="Add dark mode to the settings page",
        ago=42,
        diff=Diff(12, 3, 1, 1),
    )
    world.agent(
        "cleo",
        State.IDLE,
        task="Write a changelog for 2.1",
        ago=3700,
        unseen=True,
        diff=Diff(40, 0, 1, 0, 1),
    )
    world.agent("dora", State.IDLE, task="Explain the cache layer", ago=9000)
    world.agent("emil", State.LIMITED, "resets at 15:00", task="Port the parser to Rust", ago=600)
    world.agent("finn", State.BUSY, task="Try the whole flow", spec="demo", ago=5, repo="api")
    world.agent("gwen", State.PARKED, task="Upgrade the database driver", repo="api", ago=90000)
    world.agent("hugo", State.EXITED, task="Remove dead flags", repo="api", ago=400)
    world.agent(
        "iris", State.LOST, task="日本語のドキュメントを書く", repo="api", ago=50, unseen=True
    )
    world.agent("jean", State.STARTING, task="Bench the queue", repo="api")
    world.agent("kurt", State.BUSY, task="Noisy experiment", ago=8)
    world.happen(ev.AgentHidden("kurt"))


def screen(app: CommandCenter) -> list[str]:
    """What stands on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def painted(app: CommandCenter) -> list[str]:
    """What would reach the terminal, line by line, as the filters leave it."""
    strips = app.screen._compositor.render_strips()
    filters, ground = app.get_line_filters(), app.screen.background_colors[1]
    lines = []
    for strip in strips:
        for each in filters:
            strip = strip.apply_filter(each, ground)
        lines.append("".join(segment.text for segment in strip).rstrip())
    return lines


async def until(pilot: Pilot[None], is_so: Callable[[], object], what: str) -> None:
    """Let the app run until `is_so`; a loaded machine gets a minute."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, f"never came true: {what}"
        await pilot.pause(0.01)


@asynccontextmanager
async def running(
    world: World, size: tuple[int, int] = (200, 60)
) -> AsyncIterator[tuple[Recording, Pilot[None]]]:
    """The dashboard once it has read its files and found its supervisor."""
    app = world.app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.kit.is_known and world.starts, "the files are read")
        await pilot.pause()
        yield app, pilot


def shown(app: CommandCenter) -> str:
    return "\n".join(screen(app))


async def until_shown(pilot: Pilot[None], app: CommandCenter, text: str) -> None:
    await until(pilot, lambda: text in shown(app), f"{text!r} is shown:\n{shown(app)}")
