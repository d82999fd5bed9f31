"""The supervisor: one per user, the only writer of the log, alive while an agent is."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from importlib.resources import files

from command_center import __version__
from command_center.domain import events as ev
from command_center.domain.errors import SpecError
from command_center.domain.places import Places
from command_center.domain.workers import may_go_on
from command_center.drivers.tmux import TmuxServer
from command_center.engine.adoption import adopt_folders
from command_center.engine.answerer import Answerer
from command_center.engine.backlog import Backlog
from command_center.engine.bookkeeper import Bookkeeper
from command_center.engine.checker import Checker
from command_center.engine.clerk import Clerk
from command_center.engine.core import Engine
from command_center.engine.dispatcher import Dispatcher
from command_center.engine.disputes import Disputes
from command_center.engine.experiments import Experiments
from command_center.engine.foreman import Foreman
from command_center.engine.handler import Handler
from command_center.engine.launcher import Launcher
from command_center.engine.listener import Listener
from command_center.engine.outcomes import Outcomes
from command_center.engine.preparer import Preparer
from command_center.engine.purser import Purser
from command_center.engine.recruiter import Recruiter
from command_center.engine.remover import Remover
from command_center.engine.resumer import Resumer
from command_center.engine.run_desk import RunDesk
from command_center.engine.runner import LEASE_SECONDS, Runner
from command_center.engine.sampler import SECONDS as SAMPLE_SECONDS, Sampler
from command_center.engine.searcher import Searcher
from command_center.engine.sender import Sender
from command_center.engine.state_files import StateFiles
from command_center.engine.transcripts import Transcripts
from command_center.engine.watcher import Watcher
from command_center.store.doorbell import Doorbell
from command_center.store.inbox import Inbox
from command_center.store.lock import SupervisorLock, is_client_near
from command_center.store.log import EventLog
from command_center.store.settings import Settings, read_settings

INBOX_SECONDS = 0.05
"""From one look into the inboxes to the next, where no arrival rings."""
INBOX_PAUSE = 0.02
"""At least, however much arrives: what comes meanwhile is taken in together."""
INBOX_PATIENCE = 1.0
"""At most, though nothing rang."""
PANES_SECONDS = 0.5
DISPUTES_SECONDS = 1.0
DIFF_SECONDS = 2.0
USAGE_SECONDS = 1.0
HANG_UP_SECONDS = 0.2
LINGER_SECONDS = 30.0
"""How long to stay when nothing is live and nobody looks."""


async def run(places: Places) -> int:
    """Supervise until there is nothing left to do. Exit status 0, also if another one does.

    Raises LogError, TmuxError. Owns the lock, the log and the tmux connection meanwhile.
    """
    lock = SupervisorLock(places.lock)
    if not lock.acquire():
        print("another supervisor is at work", file=sys.stderr)  # noqa: T201
        return 0
    try:
        log = EventLog(places.log)
        try:
            await Supervisor(places, log).run()
        finally:
            log.close()
    finally:
        lock.release()
    return 0


class Supervisor:
    """The loops around one engine."""

    def __init__(self, places: Places, log: EventLog) -> None:
        self._places = places
        settings, problem = _settings(places)
        tmux = TmuxServer(places.socket)
        self.engine = engine = Engine(places, log, tmux, settings=settings, environ=os.environ)
        self._intents, self._signals = Inbox(places.inbox), Inbox(places.signals)
        self._listener = Listener(engine, self._signals)
        self._watcher = Watcher(engine)
        self._disputes = Disputes(engine)
        self._state_files = StateFiles(engine)
        self._transcripts = Transcripts(engine)
        self._answerer = Answerer(engine, self._state_files.look)
        self._purser = Purser(engine)
        launcher, remover = Launcher(engine), Remover(engine)
        self._foreman = Foreman(engine, launcher, remover)
        checker = Checker(engine)
        self._dispatcher = Dispatcher(engine, Preparer(engine, launcher, remover), checker)
        backlog = Backlog(engine, self._dispatcher, checker)
        self._runner = Runner(engine)
        self._searcher = Searcher(engine, self._runner)
        self._outcomes = Outcomes(engine, checker)
        experiments = Experiments(engine, self._runner)
        self._clerk = Clerk(engine, backlog, checker, RunDesk(engine, experiments))
        self._handler = Handler(
            engine,
            self._intents,
            Recruiter(engine, launcher),
            self._foreman,
            self._answerer,
            self._purser,
            backlog,
            self._clerk,
            experiments,
        )
        self._sender = Sender(engine, self._purser)
        self._resumer = Resumer(engine)
        self._bookkeeper = Bookkeeper(engine)
        self._sampler = Sampler(engine)
        self._leave = asyncio.Event()
        if problem:
            engine.record(ev.Noticed(problem, is_problem=True))

    async def run(self) -> None:
        engine = self.engine
        self._prepare()
        await self.engine.ensure_tmux()
        engine.record(ev.SupervisorStarted(os.getpid(), __version__))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._leave.set)
        reason = "asked to leave, or nothing to do"
        try:
            await self._reconcile()
            await self._loops()
        except Exception as error:
            reason = f"a mistake of ours: {error!r}"
            engine.confess(error)
            raise
        finally:
            self._state_files.close()
            await self._bookkeeper.close()
            await self._sampler.close()
            await self._searcher.close()
            self._runner.close()
            await engine.close()
            engine.record(ev.SupervisorStopped(os.getpid(), reason))
            engine.save_snapshot()

    def _prepare(self) -> None:
        """Folders and the hook script; all of it ours alone."""
        for folder in (self._places.state, self._places.data, self._places.worktrees):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._intents.create()
        self._signals.create()
        hook = self._places.state / "hook.sh"
        hook.write_bytes(files("command_center.drivers").joinpath("hook.sh").read_bytes())
        hook.chmod(0o700)
        if self._places.signals.stat().st_mode & 0o077:
            self._places.signals.chmod(0o700)

    async def _reconcile(self) -> None:
        """The world is right about the world, the log about decisions."""
        await self._watcher.look_at_panes()
        await adopt_folders(self.engine)
        self._listener.tick()
        self._sender.take_up()
        self._answerer.take_up()
        self._foreman.take_up()
        self._runner.take_up()

    async def _loops(self) -> None:
        loops = (
            self._take_in_news(),
            self._every(self._state_files.pause, self._read_state_files),
            self._transcripts.follow(),
            self._every(PANES_SECONDS, self._look_at_panes),
            self._every(self._watcher.pause, self._watcher.read_screens),
            self._every(DISPUTES_SECONDS, self._disputes.look),
            self._every(DIFF_SECONDS, self._watcher.measure_diffs),
            self._every(USAGE_SECONDS, self._count),
            self._runner.watch(),
            self._every(LEASE_SECONDS, self._runner.look_at_leases),
            self._every(SAMPLE_SECONDS, self._sampler.look),
            self._every(1.0, self._consider_leaving),
        )
        tasks = [asyncio.create_task(loop) for loop in loops]
        leaving = asyncio.create_task(self._leave.wait())
        done, rest = await asyncio.wait([*tasks, leaving], return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for task in done:
            task.result()

    async def _every(
        self, pause: float | Callable[[], float], look: Callable[[], Awaitable[object]]
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await look()
            seconds = pause if isinstance(pause, float) else pause()
            # All on one beat: waking up costs more than looking.
            await asyncio.sleep(seconds - loop.time() % seconds)

    async def _take_in_news(self) -> None:
        """Whenever something arrived, was logged or was done: each may let the next thing go."""
        changed = self.engine.changed
        with closing(Doorbell(changed.set)) as bell:
            heard = [bell.listen(inbox.arrivals) for inbox in (self._intents, self._signals)]
            patience = INBOX_PATIENCE if all(heard) else INBOX_SECONDS
            while True:
                changed.clear()
                await self._take_in()
                await asyncio.sleep(INBOX_PAUSE)
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await changed.wait()

    async def _take_in(self) -> None:
        # Signals first: what they prove decides what may be typed now.
        self._listener.tick()
        if self._state_files.have_news:
            self._state_files.look()
        self._answerer.tick()
        await self._handler.tick()
        self._clerk.tick()
        self._dispatcher.tick()
        self._searcher.tick()
        self._runner.tick()
        self._outcomes.tick()
        self._resumer.tick()
        self._sender.tick()
        if self._handler.is_asked_to_leave:
            self._leave.set()

    async def _read_state_files(self) -> None:
        self._state_files.look()

    async def _count(self) -> None:
        await self._bookkeeper.look()
        await self._purser.look()

    async def _look_at_panes(self) -> None:
        self._watcher.end_limits()
        if not await self._watcher.look_at_panes():
            # A server that somebody ended hangs up on us too: then a new one is not ours to start.
            await asyncio.sleep(HANG_UP_SECONDS)
            if not self._leave.is_set():
                # A new server shows no panes, and then they count as lost.
                await self.engine.ensure_tmux()

    async def _consider_leaving(self) -> None:
        deadline = self.engine.clock() + LINGER_SECONDS
        while not self._is_needed():
            if self.engine.clock() > deadline:
                self._leave.set()
            await asyncio.sleep(1.0)

    def _is_needed(self) -> bool:
        fleet = self.engine.fleet
        return (
            any(a.has_process or self.engine.is_acting(a.id) for a in fleet.agents.values())
            or any(not run.life.is_over for run in fleet.runs.values())
            or self._searcher.has_more
            or any(may_go_on(task, fleet) for task in fleet.tasks.values())
            or bool(self._intents.waiting())
            or is_client_near(self._places.lock.parent)
        )


def _settings(places: Places) -> tuple[Settings, str]:
    try:
        return read_settings(places.settings), ""
    except SpecError as error:
        return Settings(), f"{error}; the defaults are used meanwhile"
