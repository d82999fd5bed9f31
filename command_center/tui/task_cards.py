"""The task board as values: its columns, and what stands on each card. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field
from rich.cells import cell_len
from rich.style import Style

from command_center.domain.decisions import awaits_user, held_up
from command_center.domain.model import Fleet
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Life, Task
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import age, fitted
from command_center.tui.figures import Part, dollars, short

if TYPE_CHECKING:
    from command_center.tui.usage_report import Share

Parts = tuple[Part, ...]


class Lane(IntEnum):
    """The columns of the board, from left to right."""

    DRAFT = 0
    QUEUED = 1
    RUNNING = 2
    CHECK = 3
    REVIEW = 4
    DONE = 5

    @property
    def words(self) -> str:
        return self.name.capitalize()


LANE_OF = {
    Life.DRAFT: Lane.DRAFT,
    Life.QUEUED: Lane.QUEUED,
    Life.ASSIGNED: Lane.RUNNING,
    Life.RUNNING: Lane.RUNNING,
    Life.CHECK: Lane.CHECK,
    Life.REVIEW: Lane.REVIEW,
    Life.MERGED: Lane.DONE,
    Life.ANSWERED: Lane.DONE,
    Life.DISCARDED: Lane.DONE,
    Life.FAILED: Lane.DONE,
}
LOOKS = {
    Life.DRAFT: ("·", theme.QUIET),
    Life.QUEUED: ("○", theme.PLAIN),
    Life.ASSIGNED: ("◌", Style(color="cyan")),
    Life.RUNNING: ("◐", Style(color="cyan")),
    Life.CHECK: ("◐", Style(color="magenta")),
    Life.REVIEW: ("✓", Style(color="green")),
    Life.MERGED: ("✓", theme.QUIET),
    Life.ANSWERED: ("✓", theme.QUIET),
    Life.DISCARDED: ("–", theme.QUIET),
    Life.FAILED: ("✗", theme.PROBLEM),
}
"""Sign and style of each life."""
ASKS = ("●", theme.UNSEEN)
"""Of a task that waits for the user."""


class Facts(Struct, frozen=True):
    """What cards tell beside the tasks themselves."""

    fleet: Fleet = Fleet()
    now: float = 0.0
    """Unix seconds."""
    costs: "Mapping[str, Share]" = field(default_factory=dict)
    """By task."""

    def name(self, agent: str) -> str:
        """Of an agent, or of what a placement proposes."""
        known = self.fleet.agents.get(agent)
        return one_line(known.name if known else agent, 24)


class Shape(Struct, frozen=True):
    """How much a card says."""

    titles: int
    """The most lines of its title."""
    standings: int
    """The most lines of how it stands."""
    gap: bool = False
    """Whether a blank line follows."""


def lanes_of(fleet: Fleet) -> dict[Lane, list[Task]]:
    """The tasks of each column in order: queued as they are served, the others by need and age."""
    found: dict[Lane, list[Task]] = {lane: [] for lane in Lane}
    for task in fleet.tasks.values():
        found[LANE_OF[task.life]].append(task)
    behind = held_up(fleet.tasks)

    def queued(task: Task) -> tuple[float, ...]:
        return (-task.brief.priority, -behind[task.id], task.number)

    def urgent(task: Task) -> tuple[float, ...]:
        return (not awaits_user(task, fleet.dispatch), -behind[task.id], task.since, task.number)

    found[Lane.QUEUED].sort(key=queued)
    for lane in (Lane.RUNNING, Lane.CHECK, Lane.REVIEW):
        found[lane].sort(key=urgent)
    found[Lane.DONE].sort(key=lambda task: -task.since)
    return found


def shared_widths(counts: Sequence[int], width: int) -> list[int]:
    """Columns of each lane, rules between them not counted; an empty one takes no more than its
    head."""
    room = width - (len(counts) - 1)
    heads = [len(f" {lane.words} 0 ") for lane in Lane]
    filled = [n for n, count in enumerate(counts) if count] or list(range(len(counts)))
    widths = [0 if n in filled else heads[n] for n in range(len(counts))]
    rest = room - sum(widths)
    if rest < len(filled) * 12:
        # Too narrow to name the empty ones in full.
        widths = [0 if n in filled else 4 for n in range(len(counts))]
        rest = room - sum(widths)
    each, more = divmod(max(0, rest), len(filled))
    for place, n in enumerate(filled):
        widths[n] = each + (place < more)
    return widths


def card(task: Task, facts: Facts, width: int, shape: Shape) -> tuple[Parts, ...]:
    """Lines of at most `width` columns: the title, then how it stands."""
    sign, style = ASKS if awaits_user(task, facts.fleet.dispatch) else LOOKS[task.life]
    title = wrapped(f"{task.id} {one_line(task.brief.title, 200)}", width, shape.titles)
    known = len(task.id)
    is_over = task.life in (Life.DISCARDED, Life.MERGED, Life.ANSWERED)
    name = theme.PLAIN if is_over else theme.STRONG
    lines: list[Parts] = [((title[0][:known], theme.KEY), (title[0][known:], name))]
    lines += [((line, name),) for line in title[1:]]
    said = style if sign == ASKS[0] else theme.QUIET
    for line in wrapped(standing(task, facts), max(1, width - 2), shape.standings):
        lines.append(((f"{sign} ", style), (line.rstrip(), said)))
        sign = " "
    return tuple(lines)


def standing(task: Task, facts: Facts) -> str:
    """In a few words, what becomes of it now and who has it."""
    ago = age(facts.now - task.since)
    who = facts.name(task.agent)
    reason = one_line(task.reason, 200)
    match task.life:
        case Life.DRAFT:
            return f"{task.brief.kind} · {ago}"
        case Life.QUEUED:
            return _queued(task, facts)
        case Life.ASSIGNED | Life.RUNNING | Life.CHECK if task.is_held:
            return reason
        case Life.ASSIGNED:
            return f"to {who} · {ago}"
        case Life.RUNNING if not task.agent:
            return f"{reason} · {ago}"
        case Life.RUNNING:
            again = f" · sent back {task.returns}×" if task.returns else ""
            return f"{who} · {ago}{again}"
        case Life.CHECK:
            return f"checking · {ago}"
        case Life.FAILED:
            return f"failed: {reason}"
        case _:
            over = "" if task.life is Life.REVIEW else f"{task.life}"
            return " · ".join(filter(None, (over, who, *cost_words(task, facts))))


def _queued(task: Task, facts: Facts) -> str:
    if task.is_held:
        return one_line(task.reason, 200)
    if missing := unmet(task, facts.fleet.tasks):
        return f"waits for {', '.join(missing)}"
    if task.proposed:
        return f"→ {facts.name(task.proposed)}"
    return one_line(task.reason, 200) or f"waits · {age(facts.now - task.since)}"


def cost_words(task: Task, facts: Facts) -> list[str]:
    """Minutes, tokens and money, as far as they are known."""
    words = []
    if task.started_at:
        words.append(age((task.ended_at or facts.now) - task.started_at))
    if (share := facts.costs.get(task.id)) is not None and share.tokens:
        words.append(f"{short(share.tokens.total)} tok")
        if share.money is not None:
            about = "~" if share.is_estimate else ""
            words.append(f"{about}{dollars(share.money, is_spent=True)}")
    return words


def wrapped(text: str, width: int, most: int = 0) -> list[str]:
    """`text`, which is one line, on lines of at most `width` columns; the last of `most` is cut."""
    return list(_wrapped(text, width, most))


@lru_cache(4096)
def _wrapped(text: str, width: int, most: int) -> tuple[str, ...]:
    lines, line = list[str](), ""
    for word in _pieces(text.split(), width):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if len(lines) + 1 == most:
            return (*lines, fitted(joined, width))
        lines.append(line)
        line = word
    return (*lines, line)


def _pieces(words: Iterable[str], width: int) -> Iterable[str]:
    """Words, those too long for a line in parts."""
    for word in words:
        if cell_len(word) <= width:
            yield word
            continue
        piece = ""
        for character in word:
            if cell_len(piece + character) > max(1, width):
                yield piece
                piece = ""
            piece += character
        yield piece
