"""Tells the agents that care for a run what came of it."""

import secrets

from command_center.domain import events as ev
from command_center.domain.model import Agent, Phase
from command_center.domain.run_words import best_before
from command_center.domain.runs import TELLER, Run, RunLife
from command_center.domain.searches import may_go_on
from command_center.engine.core import Engine

Ended = tuple[Run, RunLife, dict[str, float | None]]


def told(
    engine: Engine, run: Run, life: RunLife, figures: dict[str, float | None]
) -> list[ev.Event]:
    """The prompts to be logged with the end of `run`, so that none is sent twice or lost.

    Of a sweep, when its last run has ended.
    """
    ended: list[Ended] = [(run, life, figures)]
    siblings = [
        other
        for other in engine.fleet.runs.values()
        if run.order.sweep and other.order.sweep == run.order.sweep and other.id != run.id
    ]
    ended += [(other, other.life, other.figures) for other in siblings]
    ended.sort(key=lambda each: each[0].number)
    search = engine.fleet.searches.get(run.order.sweep)
    has_more = search is not None and may_go_on(search, [run, *siblings])
    is_last = not has_more and all(other.life.is_over for other in siblings)
    prompts = _prompts(engine, run.order.agent, ended) if is_last else []
    for watcher in run.watchers:
        if watcher == run.order.agent and not siblings:
            continue
        prompts += _prompts(engine, watcher, [(run, life, figures)])
    return prompts


def telling(engine: Engine, agent: Agent, run: Run, against: str = "") -> ev.PromptQueued:
    """The prompt that tells of a run which is over, against the result of another one."""
    line = _line(engine, run, run.life, run.figures, against)
    return _prompt(agent, [line], run)


def told_line(engine: Engine, run: Run) -> str:
    """What is said of a run that is over."""
    return _line(engine, run, run.life, run.figures)


def _prompts(engine: Engine, name: str, ended: list[Ended]) -> list[ev.Event]:
    agent = engine.fleet.agents.get(name)
    if agent is None or agent.is_being_removed or agent.phase is Phase.LOST:
        return []
    lines = [_line(engine, run, life, figures) for run, life, figures in ended]
    return [_prompt(agent, lines, ended[-1][0])]


def _prompt(agent: Agent, lines: list[str], run: Run) -> ev.PromptQueued:
    text = "\n".join([*lines, f"(`acc runs show {run.id}` tells more.)"])
    return ev.PromptQueued(agent.id, secrets.token_hex(4), text, by=TELLER)


def _line(
    engine: Engine, run: Run, life: RunLife, figures: dict[str, float | None], against: str = ""
) -> str:
    metric = run.order.metric
    said = f"run #{run.number} {'finished' if life is RunLife.DONE else f'ended: {life}'}"
    value = figures.get(metric)
    if not metric or value is None:
        return said
    against = against or run.order.against
    best = (
        _result(engine, against, metric)
        if against
        else best_before(engine.fleet.runs.values(), run)
    )
    beside = f" against run #{against[1:]}" if against and best is not None else ""
    delta = "" if best is None else f" ({value - best:+.4g}{beside})".replace("-", "−")
    return f"{said}: {metric} {value:.6g}{delta}"


def _result(engine: Engine, name: str, metric: str) -> float | None:
    other = engine.fleet.runs.get(name)
    return other.figures.get(metric) if other else None
