"""What an agent is shown of runs: those of its own repository, as JSON."""

import msgspec
from msgspec import Struct

from command_center.domain.errors import IntentError
from command_center.domain.model import Agent, Fleet
from command_center.domain.places import Places
from command_center.domain.run_words import run_id
from command_center.domain.runs import Run
from command_center.domain.text import one_line
from command_center.domain.tools import ListRuns, ReadRun
from command_center.mcp.shown import WARNING
from command_center.store.run_files import log_tail
from command_center.store.runs import RunLedger

LONGEST_LINE = 400


class RunShown(Struct, frozen=True, omit_defaults=True):
    id: str
    life: str
    is_yours: bool = False
    name: str = ""
    reason: str = ""
    seed: int | None = None
    commit: str = ""
    metric: str = ""
    result: float | None = None
    seconds: float = 0.0
    sweep: str = ""


class RunRead(Struct, frozen=True, omit_defaults=True):
    warning: str
    run: RunShown
    command: tuple[str, ...]
    figures: dict[str, float | None]
    curve: tuple[tuple[float, float | None], ...] = ()
    """Step and value."""
    output: tuple[str, ...] = ()


class RunsShown(Struct, frozen=True):
    runs: tuple[RunShown, ...]


def runs_shown(fleet: Fleet, reader: Agent, asked: ListRuns) -> str:
    """The newest last."""
    seen = [run for run in fleet.runs.values() if _may_see(run, reader)]
    if asked.mine:
        seen = [run for run in seen if is_of(run, reader)]
    return _json(RunsShown(tuple(_shown(run, reader) for run in seen[-asked.last :])))


def run_shown(places: Places, fleet: Fleet, reader: Agent, asked: ReadRun) -> str:
    """Reads files. Raises IntentError, LogError, OSError."""
    run = fleet.runs.get(run_id(asked.run))
    if run is None or not _may_see(run, reader):
        raise IntentError(f"no run '{one_line(asked.run, 40)}' in your repository; see list_runs")
    with RunLedger(places.ledger) as ledger:
        figures = run.figures or ledger.figures(run.id)
        curve = ledger.curve(run.id, asked.metric, asked.points) if asked.metric else []
        if asked.metric and not curve:
            known = ", ".join(ledger.metrics(run.id)) or "nothing yet"
            raise IntentError(f"{run.id} told no '{one_line(asked.metric, 40)}', but {known}")
    lines = log_tail(places.run(run.id, max(1, run.attempt))) if asked.lines else []
    return _json(
        RunRead(
            WARNING,
            _shown(run, reader),
            run.order.command,
            figures,
            tuple((point.step, point.value) for point in curve),
            tuple(line[:LONGEST_LINE] for line in lines[-asked.lines :]) if lines else (),
        )
    )


def is_of(run: Run, agent: Agent) -> bool:
    return agent.id in (run.order.agent, run.by)


def _may_see(run: Run, reader: Agent) -> bool:
    return run.order.repo == reader.order.repo or is_of(run, reader)


def _shown(run: Run, reader: Agent) -> RunShown:
    order = run.order
    return RunShown(
        run.id,
        run.life,
        is_of(run, reader),
        one_line(order.name, 200),
        one_line(run.reason, 200),
        order.seed,
        order.commit[:12],
        order.metric,
        run.result,
        round(run.took_s, 1),
        order.sweep,
    )


def _json(thing: Struct) -> str:
    return msgspec.json.encode(thing).decode()
