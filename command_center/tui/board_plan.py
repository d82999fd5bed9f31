"""Where the cards of the task board lie in so many columns and lines: pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from command_center.domain.tasks import Task
from command_center.tui.task_cards import Facts, Lane, Parts, Shape, card, shared_widths

HEADS = 2
"""Lines above the cards: the names of the columns, and the rule below them."""
EDGE = 2
"""Columns of a lane that no card writes into: one before it and one after."""


_SHAPES = (Shape(4, 2, gap=True), Shape(2, 1, gap=True), Shape(2, 1), Shape(1, 1))


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
        lanes = (Lane(number) for number in range(len(self.lanes)))
        return next((lane for lane in lanes if task in self.tasks(lane)), None)

    def tasks(self, lane: Lane) -> list[str]:
        return [line.task for line in self.lanes[lane] if line.is_first]

    def lines_of(self, lane: Lane, task: str) -> range:
        at = [n for n, line in enumerate(self.lanes[lane]) if line.task == task]
        return range(at[0], at[-1] + 1) if at else range(0)


def planned(lanes: Mapping[Lane, Sequence[Task]], facts: Facts, width: int, height: int) -> Plan:
    """The less room there is, the less do cards say, and the closer do they stand."""
    widths = shared_widths([len(lanes[lane]) for lane in Lane], width)
    room = height - HEADS
    most = max(map(len, lanes.values()))
    # A card has two lines at least.
    possible = [shape for shape in _SHAPES[:-1] if most * (2 + shape.gap) - shape.gap <= room]
    for shape in (*possible, _SHAPES[-1]):
        made = tuple(
            _stacked([_lines(task, facts, widths[lane], shape) for task in lanes[lane]], shape)
            for lane in Lane
        )
        if max(map(len, made)) <= room:
            break
    return Plan(tuple(widths), made)


def _lines(task: Task, facts: Facts, width: int, shape: Shape) -> list[Line]:
    lines = card(task, facts, max(1, width - EDGE), shape)
    return [Line(parts, task.id, number == 0) for number, parts in enumerate(lines)]


def _stacked(cards: Sequence[Sequence[Line]], shape: Shape) -> tuple[Line, ...]:
    lines = list[Line]()
    for each in cards:
        if lines and shape.gap:
            lines.append(Line())
        lines += each
    return tuple(lines)
