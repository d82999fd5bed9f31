"""Where the cards of the task board lie in so many columns and lines: pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from command_center.domain.tasks import Task
from command_center.tui.task_cards import Facts, Lane, Parts, card, shared_widths

HEADS = 2
"""Lines above the cards: the names of the columns, and the rule below them."""
EDGE = 2
"""Columns of a lane that no card writes into: one before it and one after."""


class Line(Struct, frozen=True):
    """One line of one lane."""

    parts: Parts = ()
    task: str = ""
    is_first: bool = False
    """Whether it begins a card."""


class Plan(Struct, frozen=True):
    widths: tuple[int, ...] = ()
    lanes: tuple[tuple[Line, ...], ...] = ()
    """The lines of each lane in full, however many can be shown."""

    def lane_at(self, x: int) -> Lane | None:
        left = 0
        for lane, width in zip(Lane, self.widths, strict=False):
            if left <= x < left + width:
                return lane
            left += width + 1
        return None

    def lane_of(self, task: str) -> Lane | None:
        found = (n for n, lines in enumerate(self.lanes) if any(ln.task == task for ln in lines))
        return next((Lane(n) for n in found), None)

    def tasks(self, lane: Lane) -> list[str]:
        return [line.task for line in self.lanes[lane] if line.is_first]

    def lines_of(self, lane: Lane, task: str) -> range:
        at = [n for n, line in enumerate(self.lanes[lane]) if line.task == task]
        return range(at[0], at[-1] + 1) if at else range(0)


def planned(lanes: Mapping[Lane, Sequence[Task]], facts: Facts, width: int, height: int) -> Plan:
    """Cards stand apart and tell titles on two lines where there is room for that."""
    widths = shared_widths([len(lanes[lane]) for lane in Lane], width)
    room = height - HEADS
    made = [[_lines(task, facts, widths[lane], 2) for task in lanes[lane]] for lane in Lane]
    is_airy = all(sum(len(each) + 1 for each in lane) <= room + 1 for lane in made)
    if not is_airy and any(sum(map(len, lane)) > room for lane in made):
        made = [[_lines(task, facts, widths[lane], 1) for task in lanes[lane]] for lane in Lane]
    return Plan(tuple(widths), tuple(_stacked(lane, is_airy) for lane in made))


def _lines(task: Task, facts: Facts, width: int, titles: int) -> list[Line]:
    lines = card(task, facts, max(1, width - EDGE), titles)
    return [Line(parts, task.id, number == 0) for number, parts in enumerate(lines)]


def _stacked(cards: Sequence[Sequence[Line]], is_airy: bool) -> tuple[Line, ...]:
    lines = list[Line]()
    for each in cards:
        if lines and is_airy:
            lines.append(Line())
        lines += each
    return tuple(lines)
