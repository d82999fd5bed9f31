"""What a filled-in form for runs means, and what stands in the way."""

import math
import re
import secrets
import shlex
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.model import Agent, Fleet
from command_center.domain.run_intents import QueueRuns
from command_center.domain.run_templates import RunTemplate, seconds_of, shown_seconds
from command_center.domain.run_words import lasting, series
from command_center.domain.runs import Demand, Ration, RunLife, RunOrder
from command_center.domain.sweeps import axis_of, seeds_of, swept
from command_center.domain.tasks import Task
from command_center.domain.text import one_line
from command_center.store.roots import repository_root
from command_center.tui.dialogs.draft import DraftError, repository

T = TypeVar("T")
LOCAL = "local"
_GPUS = re.compile(r"(\d+)(?:\s*[x×]\s*(\d+(?:\.\d+)?))?")
_STEPS = re.compile(r"(\d+)\s*steps?")
_GIB = re.compile(r"(\d+(?:\.\d+)?)\s*gi?b", re.IGNORECASE)
_KINDS = {"": "wall_s", "wall": "wall_s", "cpu": "cpu_s", "gpu": "gpu_s"}


class RunDraft(Struct, frozen=True):
    """The fields as the user left them."""

    template: str = ""
    command: str = ""
    """As one would type it into a shell; none runs it."""
    repo: str = ""
    """Path inside a repository."""
    base: str = ""
    """An agent's name, a branch, tag or commit; empty: HEAD, or what a task brought."""
    awaits: bool = False
    """Whether the runs wait for the end of the turn of the agent that `base` names."""
    seeds: str = ""
    sweep: str = ""
    """Such as `lr=1e-3,3e-4 depth=2,4`."""
    metric: str = ""
    """Behind a `+`: the higher the better."""
    cpus: str = ""
    gpus: str = ""
    """A number, or a number and the GiB on each, such as `2 x 16`."""
    limits: str = ""
    """Such as `10m cpu, 1h wall, 500 steps, 4 GiB`."""
    files: str = ""
    executor: str = ""
    tell: str = ""
    """Name of the agent that is told of the result."""


def beginning(draft: RunDraft, name: str, template: RunTemplate) -> RunDraft:
    """The form with what a template says in place of what stood there."""
    order = template.order(name)
    return replace(
        draft,
        template=name,
        command=template.command,
        seeds=template.seeds,
        sweep=" ".join(template.axes),
        metric=f"{'+' if template.higher_is_better else ''}{template.metric}",
        cpus=str(template.cpus) if template.cpus != 1 else "",
        gpus=shown_gpus(order.demand),
        limits=shown_limits(order),
        files=" ".join(template.files),
        executor=template.executor,
    )


def queued_by(
    draft: RunDraft,
    fleet: Fleet,
    templates: Mapping[str, RunTemplate],
    task: Task | None = None,
) -> QueueRuns:
    """The intent. Raises DraftError."""
    template = templates.get(draft.template)
    below = template.order(draft.template) if template else RunOrder((), executor="")
    words = _read(lambda: tuple(shlex.split(draft.command)), "command")
    if not words:
        raise DraftError("no command yet: choose a template, or write one")
    agent = agent_meant(draft, fleet)
    if agent is not None:
        place = agent.order.worktree
    else:
        place = draft.repo if task else str(repository(draft.repo))
    if draft.awaits and agent is None:
        raise DraftError("base: name the agent whose turn is waited for")
    order = replace(
        below,
        command=words,
        folder=below.folder or ("" if agent or task else _inside(draft.repo)),
        base=agent.order.branch if agent else draft.base.strip() or "HEAD",
        after=agent.id if agent and draft.awaits else "",
        metric=draft.metric.strip().lstrip("+"),
        is_higher_better=draft.metric.strip().startswith("+"),
        demand=_demand(draft),
        ration=_ration(draft.limits),
        files=tuple(_read(lambda: shlex.split(draft.files), "bring")),
        executor=draft.executor,
        agent=_teller(draft, fleet),
        task=task.id if task else "",
    )
    axes = _read(lambda: dict(axis_of(word) for word in draft.sweep.split()), "sweep")
    seeds = _read(lambda: seeds_of(draft.seeds), "seeds") if draft.seeds.strip() else ()
    if not seeds and any("${seed}" in word for word in words):
        raise DraftError("seeds: the command holds ${seed}; give some, such as 0..3")
    return QueueRuns(tuple(swept(order, axes, seeds, sweep=secrets.token_hex(3))), place)


def agent_meant(draft: RunDraft, fleet: Fleet) -> Agent | None:
    """The agent that is named as the base; None for a ref. Raises DraftError."""
    agent = fleet.named(draft.base.strip()) if draft.base.strip() else None
    if agent is not None and not agent.base_commit:
        raise DraftError(f"base: {one_line(agent.name, 40)} has no worktree yet")
    return agent


def run_summary(intent: QueueRuns, fleet: Fleet, slots: int) -> str:
    """What will start, such as `6 runs, 2 slots, about 14 min, at agents/ada`."""
    order, count = intent.orders[0], len(intent.orders)
    words = [f"{count} run{'s' if count > 1 else ''}"]
    at_once = count
    if order.executor in ("", LOCAL):
        words.append(f"{slots} slot{'s' if slots > 1 else ''}")
        at_once = max(1, min(count, slots // order.demand.cpus))
    known = fleet.sites.get(order.executor or LOCAL)
    if order.demand.gpus and known is not None:
        at_once = max(1, min(at_once, known.gpus // order.demand.gpus))
    if order.demand.gpus:
        words.append(f"{order.demand.gpus} GPU{'s' if order.demand.gpus > 1 else ''} each")
    if length := _length(order, fleet):
        about, seconds = length
        words.append(f"{about} {_minutes(seconds * math.ceil(count / at_once))}")
    where = "after the turn of" if order.after else "at"
    at = fleet.agents[order.after].name if order.after else order.base
    return one_line(f"{', '.join(words)}, {where} {at}", 200)


def _length(order: RunOrder, fleet: Fleet) -> tuple[str, float] | None:
    """How long one takes: as runs of the same series took, or else its limits."""
    took = [
        run.took_s
        for run in fleet.runs.values()
        if run.life is RunLife.DONE
        and run.started_at
        and series(replace(run.order, repo="")) == series(replace(order, repo=""))
    ]
    if took:
        return "about", statistics.median(took)
    ration = order.ration
    walls = (ration.wall_s, ration.cpu_s, ration.gpu_s / max(1, order.demand.gpus))
    known = [seconds for seconds in walls if seconds]
    return ("at most about", min(known)) if known else None


def _minutes(seconds: float) -> str:
    return lasting(seconds) if seconds < 90 else f"{seconds / 60:.0f} min"


def shown_gpus(demand: Demand) -> str:
    each = f" x {demand.gpu_gib:g}" if demand.gpu_gib else ""
    return f"{demand.gpus}{each}" if demand.gpus else ""


def shown_limits(order: RunOrder) -> str:
    ration = order.ration
    said = [
        f"{shown_seconds(seconds)} {kind}"
        for kind, seconds in (("wall", ration.wall_s), ("cpu", ration.cpu_s), ("gpu", ration.gpu_s))
        if seconds
    ]
    said += [f"{ration.steps} steps"] if ration.steps else []
    said += [f"{order.demand.memory_gib:g} GiB"] if order.demand.memory_gib else []
    return ", ".join(said)


def _demand(draft: RunDraft) -> Demand:
    cpus = draft.cpus.strip() or "1"
    if not cpus.isdecimal() or not 1 <= int(cpus) <= 4096:
        raise DraftError(f"CPU slots: {one_line(cpus, 20)} is no number from 1 on")
    said = draft.gpus.strip() or "0"
    if (gpus := _GPUS.fullmatch(said)) is None or int(gpus[1]) > 64:
        raise DraftError("GPUs: write how many, such as 1, or with the GiB on each: 2 x 16")
    gib = next((found for part in _parts(draft.limits) if (found := _GIB.fullmatch(part))), None)
    return Demand(int(cpus), int(gpus[1]), float(gpus[2] or 0), float(gib[1]) if gib else 0.0)


def _ration(limits: str) -> Ration:
    said: dict[str, float] = {}
    for part in _parts(limits):
        if _GIB.fullmatch(part):
            continue
        if steps := _STEPS.fullmatch(part):
            said["steps"] = int(steps[1])
            continue
        time, _, kind = part.partition(" ")
        if (field := _KINDS.get(kind.strip())) is None:
            raise DraftError("limits: write 10m wall, 30m cpu, 1h gpu, 500 steps, 4 GiB")
        said[field] = _read(lambda time=time: seconds_of(time), "limits")  # type: ignore[misc]
    return Ration(
        said.get("wall_s", 0.0),
        said.get("cpu_s", 0.0),
        said.get("gpu_s", 0.0),
        int(said.get("steps", 0)),
    )


def _parts(limits: str) -> list[str]:
    return [part.strip() for part in limits.split(",") if part.strip()]


def _teller(draft: RunDraft, fleet: Fleet) -> str:
    if not (name := draft.tell.strip()):
        return ""
    if (agent := fleet.named(name)) is None:
        raise DraftError(f"tell: there is no agent {one_line(name, 40)}")
    return agent.id


def _inside(repo: str) -> str:
    """The folder inside its repository, which is where the command starts."""
    folder = Path(repo.strip()).expanduser().absolute()
    root = repository_root(folder) or folder
    return "" if root == folder else str(folder.relative_to(root))


def _read(reading: Callable[[], T], field: str) -> T:
    try:
        return reading()
    except ValueError as error:
        raise DraftError(f"{field}: {one_line(str(error), 200)}") from None
