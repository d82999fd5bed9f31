"""What is laid over lines of a terminal: the selection, and what a search found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from command_center.tui.ansi import strip_of

SELECTED = Style(color="bright_white", bgcolor="blue")
FOUND = Style(color="black", bgcolor="yellow")
FOUND_NOW = Style(color="black", bgcolor="cyan", bold=True)


class Mark(NamedTuple):
    """Columns of one line, in cells; the end is not among them."""

    start: int
    end: int
    style: Style


class Spot(NamedTuple):
    """A cell of everything a pane has shown. Spots compare in reading order."""

    line: int
    """From 0 at the start of the history."""
    column: int


class Selection(NamedTuple):
    anchor: Spot
    head: Spot

    @property
    def ends(self) -> tuple[Spot, Spot]:
        return (min(self), max(self))

    @property
    def lines(self) -> range:
        first, last = self.ends
        return range(first.line, last.line + 1)

    def on_line(self, line: int, width: int) -> Mark | None:
        first, last = self.ends
        if line not in self.lines:
            return None
        start = first.column if line == first.line else 0
        end = last.column + 1 if line == last.line else width
        return Mark(start, end, SELECTED)

    def text(self, lines: Sequence[str], width: int) -> str:
        """What is selected of `lines`, which are those of `self.lines`, without blank ends."""
        texts = []
        for number, raw in zip(self.lines, lines, strict=False):
            mark = self.on_line(number, width)
            assert mark is not None
            texts.append(strip_of(raw, width).crop(mark.start, mark.end).text.rstrip())
        return "\n".join(texts).strip("\n")


def word_around(text: str, column: int) -> tuple[int, int]:
    """Columns of the word at `column`, first and last; of the one cell when it is blank."""
    cells = [char for char in text for _ in range(cell_len(char))]
    if column >= len(cells) or cells[column].isspace():
        return column, column
    start = end = column
    while start > 0 and not cells[start - 1].isspace():
        start -= 1
    while end + 1 < len(cells) and not cells[end + 1].isspace():
        end += 1
    return start, end


def marked(strip: Strip, marks: Iterable[Mark]) -> Strip:
    """`strip` with the marks laid over it, each over the ones before."""
    width = strip.cell_length
    for start, end, style in marks:
        first, last = max(0, min(start, width)), max(0, min(end, width))
        if first < last:
            over = [_over(segment, style) for segment in strip.crop(first, last)]
            strip = Strip([*strip.crop(0, first), *over, *strip.crop(last)])
    return strip.adjust_cell_length(width)


def _over(segment: Segment, style: Style) -> Segment:
    return Segment(segment.text, (segment.style or Style.null()) + style)
