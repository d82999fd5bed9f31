"""Tells the agent on whose behalf something ran what came of it."""

import secrets

from command_center.domain import events as ev
from command_center.domain.model import Phase
from command_center.domain.runs import Run, RunLife
from command_center.engine.core import Engine


def told(
    engine: Engine, run: Run, life: RunLife, figures: dict[str, float | None]
) -> list[ev.Event]:
    """The prompt to be logged with the end of `run`; of a sweep, when its last run has ended."""
    agent = engine.fleet.agents.get(run.order.agent)
    if agent is None or agent.is_being_removed or agent.phase is Phase.LOST:
        return []
    ended = [(run, life, run.reason, figures)]
    if run.order.sweep:
        siblings = [
            other
            for other in engine.fleet.runs.values()
            if other.order.sweep == run.order.sweep and other.id != run.id
        ]
        if not all(other.life.is_over for other in siblings):
            return []
        ended = [(o, o.life, o.reason, o.figures) for o in siblings] + ended
        ended.sort(key=lambda each: each[0].number)
    lines = [_line(engine, o, how, values) for o, how, _, values in ended]
    lines.append(f"(`acc runs show {run.id}` tells more.)")
    return [ev.PromptQueued(agent.id, secrets.token_hex(4), "\n".join(lines))]


def _line(engine: Engine, run: Run, life: RunLife, figures: dict[str, float | None]) -> str:
    metric = run.order.metric
    said = f"run #{run.number} {'finished' if life is RunLife.DONE else f'ended: {life}'}"
    value = figures.get(metric)
    if not metric or value is None:
        return said
    best = best_before(engine, run)
    against = "" if best is None else f" ({value - best:+.4g})".replace("-", "−")
    return f"{said}: {metric} {value:.6g}{against}"


def best_before(engine: Engine, run: Run) -> float | None:
    """The best result of the same kind that had been there when `run` was queued."""
    order = run.order
    results = [
        other.result
        for other in engine.fleet.runs.values()
        if other.life is RunLife.DONE
        and other.ended_at <= run.queued_at
        and (other.order.metric, other.order.repo) == (order.metric, order.repo)
        and other.result is not None
    ]
    known = [result for result in results if result is not None]
    if not known:
        return None
    return max(known) if order.is_higher_better else min(known)
