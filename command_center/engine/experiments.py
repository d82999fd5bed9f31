"""What becomes of intents for runs: decided at once; the work follows in the runner."""

from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from command_center.domain import events as ev, run_events as rev, run_intents as want
from command_center.domain.errors import IntentError
from command_center.domain.model import Agent, Repo
from command_center.domain.runs import Run, RunLife, RunOrder
from command_center.domain.search_events import SearchBegun, SearchEnded
from command_center.domain.searches import may_go_on, trials_of
from command_center.domain.text import one_line
from command_center.drivers.executors import names as executor_names
from command_center.drivers.git import open_repository
from command_center.drivers.refs import resolve
from command_center.engine.core import Engine
from command_center.engine.luggage import AT_WORK, interpreted, laden
from command_center.engine.outcomes import again, base_of, queued_for
from command_center.engine.results import telling, told
from command_center.engine.runner import Runner
from command_center.engine.searcher import problem_of

MOST = 1000
"""Runs that are queued together; more are a slip of the finger."""


class Experiments:
    def __init__(self, engine: Engine, runner: Runner) -> None:
        self._engine = engine
        self._runner = runner

    async def take(self, intent: want.RunIntent, taken: ev.IntentTaken, by: str) -> None:
        """Raises IntentError, GitError; then nothing was recorded."""
        if isinstance(intent, want.QueueRuns):
            await self._queue(intent, taken, by)
            return
        if isinstance(intent, want.BeginSearch):
            await self._begin(intent, taken, by)
            return
        if isinstance(intent, want.EndSearch):
            self._end(intent.search, taken)
            return
        run = self._run(intent.run)
        events: list[ev.Event] = []
        match intent:
            case want.CancelRun():
                events = self._cancelled(run)
            case want.TellOfRun():
                events = self._telling(intent, run)
            case want.RequeueRun():
                if not run.life.is_over:
                    raise IntentError(f"{run.id} is {run.life}; cancel it first")
                events = [rev.RunRequeued(run.id, "asked for"), *again(self._engine, run)]
            case want.MarkRunSeen():
                events = [rev.RunSeen(run.id)]
        self._engine.record(taken, *events, ev.IntentDone(taken.intent, text=run.id))
        self._runner.follow(run.id)

    async def _queue(self, intent: want.QueueRuns, taken: ev.IntentTaken, by: str) -> None:
        if not 1 <= len(intent.orders) <= MOST:
            raise IntentError(f"{len(intent.orders)} runs; 1 to {MOST} can be queued at once")
        repo = await open_repository(intent.place) if intent.place else None
        commits: dict[tuple[object, ...], str] = {}
        orders = [await self._checked(o, repo, intent.place, commits) for o in intent.orders]
        first = 1 + max((run.number for run in self._engine.fleet.runs.values()), default=0)
        ids = [f"R{first + place}" for place in range(len(orders))]
        events: list[ev.Event] = [taken]
        if repo is not None and repo.id not in self._engine.fleet.repos:
            events.append(ev.RepositoryAdded(repo))
        for name, order in zip(ids, orders, strict=True):
            events.append(rev.RunQueued(name, order, by, taken.intent))
        events += queued_for(self._engine, ids, [order.task for order in orders])
        self._engine.record(*events, ev.IntentDone(taken.intent, text=" ".join(ids)))

    async def _begin(self, intent: want.BeginSearch, taken: ev.IntentTaken, by: str) -> None:
        fleet, search = self._engine.fleet, intent.search
        before = trials_of(search.id, fleet.runs)
        known = fleet.searches.get(search.id)
        if known and (may_go_on(known, before) or any(not run.life.is_over for run in before)):
            raise IntentError(f"study '{search.id}' is under way; cancel it, or name another")
        if before and known is None:
            raise IntentError(f"'{search.id}' is a sweep; name the study otherwise")
        if (most := len(before) + search.trials) > MOST:
            raise IntentError(f"{most} trials; a study has up to {MOST}")
        if problem := problem_of(search, self._engine.settings.runs.python):
            raise IntentError(problem)
        repo = await open_repository(intent.place) if intent.place else None
        order = await self._checked(search.order, repo, intent.place, {})
        asked = replace(search, order=order, trials=most, by=by, ended="")
        events: list[ev.Event] = [taken]
        if repo is not None and repo.id not in self._engine.fleet.repos:
            events.append(ev.RepositoryAdded(repo))
        begun = SearchBegun(asked, taken.intent)
        self._engine.record(*events, begun, ev.IntentDone(taken.intent, text=search.id))

    def _end(self, name: str, taken: ev.IntentTaken) -> None:
        fleet = self._engine.fleet
        search = fleet.searches.get(name)
        if search is None:
            raise IntentError(f"no study '{one_line(name, 60)}'; `acc runs studies` shows them")
        if not may_go_on(search, trials_of(name, fleet.runs)):
            raise IntentError(f"study '{name}' is over already")
        ended = SearchEnded(name, "cancelled")
        self._engine.record(taken, ended, ev.IntentDone(taken.intent, text=name))

    async def _checked(
        self,
        order: RunOrder,
        repo: Repo | None,
        place: str,
        commits: dict[tuple[object, ...], str],
    ) -> RunOrder:
        """With names as ids, and its base as a commit. Raises IntentError, GitError."""
        _demand_words(order)
        order = self._named(self._of_task(order))
        where, place, base = self._source(order, repo, place)
        if where is None:
            if order.training or order.files:
                raise IntentError("a run in its folder as it is brings nothing along")
            if not Path(order.folder).is_absolute() or not Path(order.folder).is_dir():
                raise IntentError(f"{order.folder or 'no folder'}: name a folder or a repository")
            return replace(order, commit="")
        inside = PurePosixPath(order.folder)
        if inside.is_absolute() or ".." in inside.parts:
            raise IntentError(f"{order.folder}: name a folder inside the repository")
        luggage = () if order.after else (order.training, order.files, order.folder)
        if (asked := (place, base, luggage)) not in commits:
            commit = await resolve(replace(where, root=place), base)
            commits[asked] = await laden(order, where, commit, place) if luggage else commit
        if order.after and self._engine.fleet.agents[order.after].state in AT_WORK:
            # Whatever it has when its turn ends is what was meant.
            return replace(order, repo=where.id, base=base, commit="")
        return replace(order, repo=where.id, base=base, commit=commits[asked])

    def _of_task(self, order: RunOrder) -> RunOrder:
        """For a task: in its repository, and at what it has brought, unless said otherwise."""
        if not order.task:
            return order
        if (task := self._engine.fleet.tasks.get(order.task)) is None:
            raise IntentError(f"no task '{one_line(order.task, 60)}'; `acc task list` shows them")
        base = order.base if order.base != "HEAD" else base_of(task) or "HEAD"
        return replace(order, repo=order.repo or task.brief.repo, base=base)

    def _named(self, order: RunOrder) -> RunOrder:
        """With an executor that there is, and its agents as ids."""
        executor = order.executor or self._engine.settings.runs.executor
        known = executor_names(self._engine.settings.executors)
        if executor not in known:
            raise IntentError(
                f"no executor '{one_line(executor, 60)}'; there are: {', '.join(known)}"
            )
        agent, after = self._agent(order.agent), self._agent(order.after)
        named = replace(
            order,
            executor=executor,
            agent=agent.id if agent else "",
            after=after.id if after else "",
            against=self._run(order.against).id if order.against else "",
        )
        return interpreted(named)

    def _source(
        self, order: RunOrder, repo: Repo | None, place: str
    ) -> tuple[Repo | None, str, str]:
        """The repository, the folder in which its refs are meant, and the base."""
        fleet = self._engine.fleet
        if order.after:
            awaited = fleet.agents[order.after].order
            where = fleet.repos[awaited.repo]
            return where, where.root, f"refs/heads/{awaited.branch}"
        if not order.repo or (repo is not None and repo.id == order.repo):
            return repo, place, order.base
        if order.repo not in fleet.repos:
            raise IntentError(f"no repository '{one_line(order.repo, 60)}'")
        return fleet.repos[order.repo], fleet.repos[order.repo].root, order.base

    def _cancelled(self, run: Run) -> list[ev.Event]:
        match run.life:
            case RunLife.QUEUED:
                ended = rev.RunEnded(run.id, RunLife.CANCELLED, "cancelled")
                return [ended, *told(self._engine, run, RunLife.CANCELLED, {})]
            case RunLife.STARTING | RunLife.RUNNING | RunLife.ENDING:
                return [rev.RunEndIntended(run.id, RunLife.CANCELLED, "being cancelled")]
            case over:
                raise IntentError(f"{run.id} is {over} already")

    def _telling(self, intent: want.TellOfRun, run: Run) -> list[ev.Event]:
        agent = self._agent(intent.to)
        if agent is None:
            raise IntentError("say which agent is to be told")
        against = self._run(intent.against).id if intent.against else ""
        if run.life.is_over:
            return [telling(self._engine, agent, run, against)]
        return [rev.RunWatched(run.id, agent.id, against)]

    def _run(self, name: str) -> Run:
        if (run := self._engine.fleet.runs.get(name)) is None:
            raise IntentError(f"no run '{one_line(name, 60)}'; `acc runs` shows them")
        return run

    def _agent(self, name: str) -> Agent | None:
        if not name:
            return None
        agent = self._engine.fleet.named(name)
        if agent is None:
            raise IntentError(f"no agent '{one_line(name, 60)}'; `acc list` shows them")
        return agent


def _demand_words(order: RunOrder) -> None:
    if not order.command or not order.command[0]:
        raise IntentError("a run needs a command")
    words = (*order.command, order.folder, *order.env, *order.env.values())
    if order.seed is None and any("${seed}" in word for word in words):
        raise IntentError("the command holds ${seed}: say which seeds, such as 0..3")
    if any("\0" in word for word in words):
        raise IntentError("a word of the run holds a NUL byte, which no program takes")
    if order.ration.gpu_s and not order.demand.gpus:
        raise IntentError("a limit of GPU time holds for runs with GPUs alone; say how many")
    if any(not key or "=" in key for key in order.env):
        raise IntentError("the name of a variable is empty or holds '='")
