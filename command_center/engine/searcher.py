"""Queues the trials of searches, each chosen when there is room for it."""

from command_center.domain import run_events as rev, search_events as sev
from command_center.domain.errors import CommandCenterError
from command_center.domain.runs import Run
from command_center.domain.searches import (
    SAMPLERS,
    Search,
    Value,
    may_go_on,
    may_try_now,
    trials_of,
)
from command_center.domain.spaces import SEARCH_NAME, drawn, trial_of
from command_center.domain.text import one_line
from command_center.drivers.adviser import MISSING, Adviser
from command_center.engine.core import Engine
from command_center.engine.runner import Runner


class Searcher:
    def __init__(self, engine: Engine, runner: Runner) -> None:
        self._engine = engine
        self._runner = runner
        self._adviser = Adviser(engine.settings.runs.python)
        self._choosing: set[str] = set()
        """Searches for which a trial is being chosen."""
        self._through: dict[str, Search] = {}
        """Those that need no more looks."""

    @property
    def has_more(self) -> bool:
        """Whether there are trials to come."""
        fleet = self._engine.fleet
        return any(may_go_on(s, trials_of(s.id, fleet.runs)) for s in fleet.searches.values())

    def tick(self) -> None:
        fleet = self._engine.fleet
        for search in fleet.searches.values():
            if search.id in self._choosing or self._through.get(search.id) is search:
                continue
            trials = trials_of(search.id, fleet.runs)
            if not may_go_on(search, trials):
                self._through[search.id] = search
            elif may_try_now(search, trials) and self._has_room(search, trials):
                self._choosing.add(search.id)
                self._engine.later(self._try(search, trials))

    def _has_room(self, search: Search, trials: list[Run]) -> bool:
        """The first of several is queued in any case: it learns nothing more, and says what for."""
        is_alone = all(run.life.is_over for run in trials)
        return is_alone or self._runner.has_room(search.order)

    async def _try(self, search: Search, trials: list[Run]) -> None:
        """Log the next trial. A crash before that costs nothing: the same one is chosen again."""
        engine = self._engine
        try:
            config = await self._chosen(search, trials)
        except (CommandCenterError, OSError) as error:
            engine.record(sev.SearchEnded(search.id, str(error)))
        else:
            if may_go_on(engine.fleet.searches[search.id], trials):
                name = f"R{1 + max((run.number for run in engine.fleet.runs.values()), default=0)}"
                engine.record(rev.RunQueued(name, trial_of(search, config), search.by))
        finally:
            self._choosing.discard(search.id)
            engine.changed.set()

    async def _chosen(self, search: Search, trials: list[Run]) -> dict[str, Value]:
        if search.sampler == "random":
            return drawn(search, len(trials))
        return await self._adviser.advise(search, trials)

    async def close(self) -> None:
        await self._adviser.close()


def problem_of(search: Search, python: str) -> str:
    """Why it cannot be begun; empty: it can. `python` as of `Adviser`."""
    order = search.order
    if not SEARCH_NAME.fullmatch(search.id):
        return f"'{one_line(search.id, 60)}' is no name for a study"
    if search.sampler not in SAMPLERS:
        return f"no sampler '{one_line(search.sampler, 60)}'; there are: {', '.join(SAMPLERS)}"
    if not order.metric:
        return "a study needs a metric"
    if not search.axes:
        return "a study needs a space"
    if order.after:
        return "a study does not wait for an agent"
    return MISSING if search.sampler == "tpe" and Adviser(python).is_missing else ""
