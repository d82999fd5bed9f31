"""All that is known of one run, as lines of styled parts: pure."""

import shlex
import time
from collections.abc import Iterator

from rich.style import Style

from command_center.domain.model import Fleet
from command_center.domain.run_words import best_before, devices, limits, number
from command_center.domain.runs import Run, RunLife
from command_center.domain.text import one_line
from command_center.store.run_files import Use
from command_center.tui import theme
from command_center.tui.cells import age
from command_center.tui.parts_list import Parts
from command_center.tui.run_cells import LOOKS, progress, titled
from command_center.tui.run_meters import SYSTEM
from command_center.tui.run_news import CPUS, MEMORY, RunNews
from command_center.tui.task_cards import wrapped

LABEL = 9
"""Columns of what names a line."""
GIB = 1 << 30
NOISY = 0.1
"""Contention index above which results that depend on time are not compared."""


def detail_lines(run: Run, fleet: Fleet, news: RunNews, now: float, width: int) -> list[Parts]:
    """Every line is at most `width` columns wide; what matters most comes first."""
    look = LOOKS[run.life]
    head = f"{run.life} for {age(now - run.since)}"
    lines: list[Parts] = [
        ((f"{run.id} ", theme.KEY), (f"{look.glyph} ", look.style), (head, theme.PLAIN))
    ]
    if reason := one_line(run.reason, 600):
        style = theme.UNSEEN if run.life is RunLife.QUEUED else look.style
        lines += [((line, style),) for line in wrapped(reason, width)]
    for label, text, style in (*_results(run, fleet, news), *_uses(run, news, now)):
        lines += _labelled(label, text, width, style)
    for label, text in _asked(run, fleet):
        lines += _labelled(label, one_line(text, 1000), width)
    figures = {**run.figures, **_last(news)}
    for name, value in figures.items():
        shown = "no number" if value is None else number(value)
        lines += _labelled(one_line(name, LABEL), shown, width)
    return lines


def _labelled(label: str, text: str, width: int, style: Style = theme.PLAIN) -> Iterator[Parts]:
    head = f"{label:<{LABEL}} "
    for line in wrapped(text, max(8, width - len(head))) if text else ():
        yield (head, theme.QUIET), (line, style)
        head = " " * len(head)


Fact = tuple[str, str, Style]


def _results(run: Run, fleet: Fleet, news: RunNews) -> Iterator[Fact]:
    metric, value = run.order.metric, run.result
    if metric and value is None:
        value = _last(news).get(metric)
    if metric and value is not None:
        best = best_before(fleet.runs.values(), run)
        against = f" ({value - best:+.4g} on the best before)" if best is not None else ""
        shown = f"{number(value)}{against}".replace("-", "−")
        yield "Result", f"{one_line(metric, 60)} {shown}", theme.STRONG


def _uses(run: Run, news: RunNews, now: float) -> Iterator[Fact]:
    plain = theme.PLAIN
    yield "Time", progress(run, now), plain
    use = news.use or Use()
    last = {name: points[-1][1] for name in (CPUS, MEMORY) if (points := _points(news, name))}
    cpus = last.get(CPUS) if run.life.holds_lease else None
    cpu = [f"{use.cpu_s:.1f} CPU seconds" if use.cpu_s else ""]
    cpu.append(f"{cpus:.1f} CPUs now" if cpus is not None else "")
    yield "CPU", ", ".join(filter(None, cpu)), plain
    peak = max((v for _, v in _points(news, MEMORY) if v is not None), default=0.0)
    peak = max(peak, use.peak_bytes / GIB)
    memory = [f"{use.memory_bytes / GIB:.2f} GiB now" if use.memory_bytes else ""]
    memory.append(f"at most {peak:.2f} GiB" if peak else "")
    yield "Memory", ", ".join(filter(None, memory)), plain
    yield "Lease", _lease(run), plain
    if (found := run.contention) is not None:
        noise = (
            f"{found.index:.2f} (CPU pressure {found.cpu_pressure:.2f}, steal {found.steal:.2f}, "
            f"clock {found.clock:.2f}, {found.neighbours:.1f} neighbours)"
        )
        yield "Noise", noise, theme.UNSEEN if found.index > NOISY else plain


def _lease(run: Run) -> str:
    held = run.devices
    if held is None:
        return f"asks for {devices(run)}" if not run.life.is_over else f"had {devices(run)}"
    node = f" on {one_line(held.node, 60)}" if held.node else ""
    return f"holds {devices(run)}{node}"


def _asked(run: Run, fleet: Fleet) -> Iterator[tuple[str, str]]:
    """Names and words of what it was asked for; empty where nothing was said."""
    order, repo = run.order, fleet.repos.get(run.order.repo)
    yield "Name", titled(run) if order.name else ""
    yield "Command", shlex.join(order.command)
    yield "At", f"{repo.name if repo else order.folder} {order.commit[:10]} ({order.base})"
    yield "Config", ", ".join(f"{key}={value}" for key, value in order.config.items())
    yield "Variables", ", ".join(f"{key}={value}" for key, value in order.env.items())
    yield "Seed", "" if order.seed is None else str(order.seed)
    yield "Limits", ", ".join(map(str, limits(order)))
    yield "Attempt", f"{run.attempt} of {order.retries + 1}" if run.attempt else ""
    yield "Exit", "" if run.exit_code is None else f"status {run.exit_code}"
    yield "Queued", _clock(run.queued_at)
    yield "Started", _clock(run.started_at)
    yield "Ended", _clock(run.ended_at)
    yield "Sweep", order.sweep
    task = fleet.tasks.get(order.task)
    yield "Task", f"{order.task} {task.brief.title}" if task else order.task
    yield "Template", order.template
    yield "Brought", ", ".join(order.files)
    for label, name in (("For", order.agent), ("After", order.after)):
        agent = fleet.agents.get(name)
        yield label, agent.name if agent else name
    yield "Tags", ", ".join(order.tags)


def _clock(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at else ""


def _points(news: RunNews, name: str) -> tuple[tuple[float, float | None], ...]:
    curve = news.curves.get(name)
    return curve.points if curve else ()


def _last(news: RunNews) -> dict[str, float | None]:
    """The newest values that were read."""
    names = [name for name in news.curves if not name.startswith(SYSTEM)]
    return {name: points[-1][1] for name in names if (points := _points(news, name))}
