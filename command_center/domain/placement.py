"""Which task goes to which agent, and why: pure, so that it can be shown before it happens.

Tasks are taken by priority, then by how many others wait behind them, then by age. Each goes to
the idle worker that fits best; only when none fits is a new agent launched, as far as the caps
and the machine's memory allow.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from command_center.domain.decisions import held_up
from command_center.domain.task_life import Tasks, unmet
from command_center.domain.tasks import Conversation, Life, Task

RUNS_ALONE = "needs no agent: x or `acc task run` starts its runs"
CONTEXT_LEAST = 0.2
"""Share of its context window that a worker must have free to go on in a kept conversation."""


class Worker(Struct, frozen=True):
    """An agent that could take a task now: idle, nothing queued for it, not hidden from work."""

    agent: str
    name: str
    spec: str
    repo: str
    since: float
    """Unix seconds since when it has been idle."""
    niches: tuple[str, ...] = ()
    touched: frozenset[str] = frozenset()
    """Paths that it changed or read of late, relative to its worktree."""
    context_free: float | None = None
    """Share of its context window that is free; None where unknown."""
    quota_free: float | None = None
    """Share of its plan's fullest window that is left; None where unknown."""
    price: float | None = None
    """US dollars per million output tokens; None where unknown."""


class Nursery(Struct, frozen=True):
    """One spec of which more agents may be launched in a repository."""

    spec: str
    repo: str
    room: int
    """How many more the caps and the free memory allow; 0 or less is none."""
    niches: tuple[str, ...] = ()
    why_none: str = ""
    """The reason when there is no room."""


class Placement(Struct, frozen=True):
    task: str
    agent: str
    """Empty: launch a new one of `spec`."""
    spec: str
    reason: str


class Standing(Struct, frozen=True):
    """Why a task gets no agent now."""

    task: str
    reason: str


def placements(
    tasks: Tasks, workers: Sequence[Worker], nurseries: Sequence[Nursery] = ()
) -> list[Placement | Standing]:
    """One word for each queued task, the first to be served first. No worker is given two."""
    free = {worker.agent: worker for worker in workers}
    rooms = {(n.spec, n.repo): n.room for n in nurseries}
    found: list[Placement | Standing] = []
    for task in in_turn(tasks):
        word = _placed(task, tasks, list(free.values()), nurseries, rooms)
        if isinstance(word, Placement):
            if word.agent:
                del free[word.agent]
            else:
                # Caps and memory are shared by all.
                rooms = {key: room - 1 for key, room in rooms.items()}
        found.append(word)
    return found


def in_turn(tasks: Tasks) -> list[Task]:
    """The queued tasks in the order in which they are served."""
    queued = [t for t in tasks.values() if t.life is Life.QUEUED and not t.is_held]
    behind = held_up(tasks) if queued else {}
    return sorted(queued, key=lambda t: (-t.brief.priority, -behind[t.id], t.number))


def _placed(
    task: Task,
    tasks: Tasks,
    free: list[Worker],
    nurseries: Sequence[Nursery],
    rooms: Mapping[tuple[str, str], int],
) -> Placement | Standing:
    if missing := unmet(task, tasks):
        return Standing(task.id, f"waits for {', '.join(missing)}")
    if task.brief.run:
        return Standing(task.id, RUNS_ALONE)
    fit = [worker for worker in free if not misfit(task, worker)]
    if fit:
        best = min(fit, key=lambda worker: (_rank(task, worker), worker.since, worker.agent))
        return Placement(task.id, best.agent, best.spec, because(task, best, fit))
    why = "no idle agent fits"
    for nursery in nurseries:
        if nursery.repo != task.brief.repo or task.brief.spec not in ("", nursery.spec):
            continue
        if task.brief.niche and task.brief.niche not in nursery.niches:
            continue
        if rooms[nursery.spec, nursery.repo] > 0:
            return Placement(task.id, "", nursery.spec, "no idle agent fits, and there is room")
        why = nursery.why_none or why
    return Standing(task.id, why)


def misfit(task: Task, worker: Worker) -> str:
    """Why the worker cannot take the task; empty when it can."""
    brief = task.brief
    if worker.repo != brief.repo:
        return f"{worker.name} works on another repository"
    if brief.spec not in ("", worker.spec):
        return f"{worker.name} is {worker.spec}, not {brief.spec}"
    if brief.niche and brief.niche not in worker.niches:
        return f"{worker.name} is no {brief.niche} agent"
    if worker.quota_free is not None and worker.quota_free <= 0:
        return f"{worker.name} has no quota left"
    is_kept = brief.conversation is Conversation.KEPT
    if is_kept and worker.context_free is not None and worker.context_free < CONTEXT_LEAST:
        return f"{worker.name} has only {worker.context_free:.0%} of its context free"
    return ""


def known_files(task: Task, worker: Worker) -> list[str]:
    """What the worker touched of what the task will touch, sorted."""
    patterns = task.brief.touches
    return sorted(
        path for path in worker.touched if any(fnmatchcase(path, each) for each in patterns)
    )


def _rank(task: Task, worker: Worker) -> tuple[float, ...]:
    """The lower, the better the fit. Shares count in tenths, so that noise decides nothing."""
    context = 1.0 if worker.context_free is None else round(worker.context_free, 1)
    quota = 1.0 if worker.quota_free is None else round(worker.quota_free, 1)
    price = float("inf") if worker.price is None else worker.price
    is_kept = task.brief.conversation is Conversation.KEPT
    return (-len(known_files(task, worker)), -context if is_kept else 0.0, -quota, price)


def because(task: Task, worker: Worker, fit: Sequence[Worker]) -> str:
    """Why this worker, in the order of what weighs most."""
    reasons = []
    if known := known_files(task, worker):
        rest = f" and {len(known) - 1} more" if len(known) > 1 else ""
        reasons.append(f"it worked on {known[0]}{rest}")
    if task.brief.conversation is Conversation.KEPT and worker.context_free is not None:
        reasons.append(f"{worker.context_free:.0%} of its context is free")
    if task.brief.niche:
        reasons.append(f"it is a {task.brief.niche} agent")
    if worker.quota_free is not None and worker.quota_free < 1:
        reasons.append(f"{worker.quota_free:.0%} of its quota is left")
    price = worker.price
    if price is not None and any(o.price is not None and o.price > price for o in fit):
        reasons.append("its model is cheaper")
    return ", ".join(reasons) or "it has been idle the longest"
