"""The engine's heart: the newest fleet, and the one way to add to the log."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import print_exception

from command_center import __version__
from command_center.domain import events as ev
from command_center.domain.errors import CommandCenterError, SpecError
from command_center.domain.gauges import Gauge
from command_center.domain.machine import Sample
from command_center.domain.model import Agent, Fleet, Repo
from command_center.domain.places import Places
from command_center.domain.reduce import reduce
from command_center.domain.specs import AgentSpec
from command_center.domain.usage import RateWindow, quota_left
from command_center.drivers.tmux import TmuxServer
from command_center.drivers.worktrees import Worktrees
from command_center.engine.proofs import follow_ups
from command_center.engine.tellings import Telling
from command_center.store.catalog import Catalog, load_catalog
from command_center.store.log import EventLog
from command_center.store.settings import Settings

SNAPSHOT_EVERY = 1000


class Engine:
    """Shared by every part of the engine; owns the writing side of the log."""

    def __init__(
        self,
        places: Places,
        log: EventLog,
        tmux: TmuxServer,
        *,
        settings: Settings,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.places = places
        self.tmux = tmux
        self.worktrees = Worktrees()
        self.settings = settings
        self.environ = environ
        self.clock = clock
        self.log = log
        self.fleet: Fleet = log.load()
        self.changed = asyncio.Event()
        """Set after every append and action; whoever has seen to the news clears it."""
        self.stirred: set[str] = set()
        """Agents whose files may have changed since their diff was measured."""
        self.fresh: set[str] = set()
        """Agents in whose worktrees git cannot yet tell a file as checked out from a changed one;
        a look would read every file."""
        self.doings: dict[str, str] = {}
        """What each agent did last, in a few plain words, by its id."""
        self.gauges: dict[str, Gauge] = {}
        """As they were last measured, by the agent's id."""
        self.sample: Sample | None = None
        """The machine as it was last measured; None when nobody looked yet."""
        self.why_no_launch: Callable[[], str] = lambda: ""
        """Why no agent may be launched with a prompt, for what it would cost; empty: it may."""
        self.tellings: list[Telling] = []
        """What hooks told of plans and context since it was last taken over into the counts."""
        self.has_newcomer = False
        """Whether a process has started since its state file was last looked for."""
        self.windows: dict[str, tuple[RateWindow, ...]] = {}
        """By spec, the plan windows of its account as they were last told."""
        self._diary = places.state / "supervisor.log"
        self._snapshot_at = self.fleet.seq
        self._catalogs: dict[str, Catalog] = {}
        self._actions: dict[str, asyncio.Task[None]] = {}
        self._chores: set[asyncio.Task[None]] = set()

    def record(self, *events: ev.Event) -> None:
        """Log `events` in one transaction, then what follows from each for prompts under way."""
        if not events:
            return
        following: list[ev.Event] = []
        for record in self.log.append(*events, at=self.clock()):
            before, self.fleet = self.fleet, reduce(self.fleet, record)
            if isinstance(record.event, ev.StateClaimed):
                self.stirred.add(record.event.agent)
            self.has_newcomer |= isinstance(record.event, ev.ProcessStarted)
            following += follow_ups(before, self.fleet, record.event)
        self.changed.set()
        self.record(*following)
        if self.fleet.seq - self._snapshot_at >= SNAPSHOT_EVERY:
            self.save_snapshot()

    def save_snapshot(self) -> None:
        self.log.save_snapshot(self.fleet)
        self._snapshot_at = self.fleet.seq

    def confess(self, error: Exception) -> None:
        """Keep the traceback of a mistake of ours where `acc doctor` and a person find it."""
        with self._diary.open("a", encoding="utf-8") as diary:
            print(datetime.now(UTC).isoformat(), __version__, file=diary)
            print_exception(error, file=diary)

    def quota_left(self, spec: str) -> float | None:
        """Share that is left of its account's fullest plan window; None where unknown."""
        return quota_left(self.windows.get(spec, ()), self.clock())

    def notice_once(self, problem: str) -> None:
        """Tell the user, unless the newest notices say so already."""
        if all(notice.text != problem for notice in self.fleet.notices):
            self.record(ev.Noticed(problem, is_problem=True))

    async def ensure_tmux(self) -> None:
        """The server, with a quiet first window that keeps it alive without agents."""
        self._diary.touch()
        await self.tmux.ensure(["tail", "-n", "50", "-F", str(self._diary)], cwd=Path.home())

    def catalog(self, repo: Repo | None = None) -> Catalog:
        """As it was when the supervisor started or last heard `forget_catalogs`."""
        root = repo.root if repo is not None and not repo.is_bare else ""
        if root not in self._catalogs:
            self._catalogs[root] = load_catalog(self.places, Path(root) if root else None)
        return self._catalogs[root]

    def worktree_folder(self, repo: Repo) -> Path:
        """Where the worktrees of the agents on `repo` lie."""
        root = Path(self.settings.worktrees).expanduser() if self.settings.worktrees else None
        return (root or self.places.worktrees) / f"{repo.name}-{repo.id[:6]}"

    def forget_catalogs(self) -> None:
        self._catalogs.clear()

    def spec(self, agent: Agent) -> AgentSpec:
        """Raises SpecError when the file of a known agent has been taken away or broken."""
        return self.catalog(self.fleet.repos.get(agent.order.repo)).spec(agent.order.spec)

    def spec_or_none(self, agent: Agent) -> AgentSpec | None:
        try:
            return self.spec(agent)
        except SpecError:
            return None

    def scopes_of(self, agent: Agent) -> tuple[str, ...]:
        """What the agent may do through our tools."""
        given = agent.order.scopes
        return self.settings.mcp.scopes if given is None else given

    def is_acting(self, agent: str) -> bool:
        """Whether an action on this agent is under way; intents for it wait meanwhile."""
        return agent in self._actions

    @property
    def acting(self) -> frozenset[str]:
        return frozenset(self._actions)

    def act(self, agent: str, action: Coroutine[object, object, None]) -> None:
        """Run one action for `agent` in the background; what it was asked for gets its answer."""
        task = asyncio.create_task(self._guarded(agent, action), name=f"{agent}")
        self._actions[agent] = task

    async def _guarded(self, agent: str, action: Coroutine[object, object, None]) -> None:
        try:
            await action
        except (CommandCenterError, OSError) as error:
            self.record(ev.Noticed(str(error), agent, is_problem=True))
        finally:
            self._actions.pop(agent, None)
            self.changed.set()

    def later(self, chore: Coroutine[object, object, None]) -> None:
        """Run something in the background that nobody waits for and a crash may forget."""
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def settle(self) -> None:
        """Wait until no action is under way."""
        while self._actions:
            await asyncio.wait(self._actions.values())

    async def close(self) -> None:
        """Cancels what is under way; the next supervisor takes it up again."""
        for task in (tasks := [*self._actions.values(), *self._chores]):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.tmux.close()
