"""What `--json` prints about runs; see `reports` for what holds for all."""

from command_center.cli.reports import Report
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.domain.runs import Contention, Demand, Ration, Run, RunLife


class RunReport(Report, frozen=True, tag="run"):
    id: str
    life: RunLife
    reason: str
    since: float
    name: str
    command: tuple[str, ...]
    repo: str
    commit: str
    seed: int | None
    config: dict[str, str | int | float | bool]
    metric: str
    result: float | None
    figures: dict[str, float | None]
    attempt: int
    executor: str
    gpus: tuple[str, ...]
    demand: Demand
    ration: Ration
    queued_at: float
    started_at: float
    ended_at: float
    exit_code: int | None
    contention: Contention | None
    index: float | None
    """The contention index."""
    sweep: str
    agent: str
    task: str
    """Whose experiment it is."""
    template: str
    tags: tuple[str, ...]
    folder: str
    """Of its newest attempt; empty before the first."""


class RunTemplateReport(Report, frozen=True, tag="run_template"):
    name: str
    about: str
    command: tuple[str, ...]
    metric: str
    seeds: str
    training: str
    missing: str
    """Module that it needs and that is not installed; empty: it can run here."""


def run_report(run: Run, fleet: Fleet, places: Places) -> RunReport:
    order, repo = run.order, fleet.repos.get(run.order.repo)
    agent = fleet.agents.get(order.agent)
    return RunReport(
        id=run.id,
        life=run.life,
        reason=run.reason,
        since=run.since,
        name=order.name,
        command=order.command,
        repo=repo.root if repo else "",
        commit=order.commit,
        seed=order.seed,
        config=order.config,
        metric=order.metric,
        result=run.result,
        figures=run.figures,
        attempt=run.attempt,
        executor=order.executor,
        gpus=run.devices.gpus if run.devices else (),
        demand=order.demand,
        ration=order.ration,
        queued_at=run.queued_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        exit_code=run.exit_code,
        contention=run.contention,
        index=run.contention.index if run.contention else None,
        sweep=order.sweep,
        agent=agent.name if agent else order.agent,
        task=order.task,
        template=order.template,
        tags=order.tags,
        folder=str(places.run(run.id, run.attempt)) if run.attempt else "",
    )
