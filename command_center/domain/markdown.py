"""The headings and checklists of a Markdown text; what stands in a block of code is neither."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\][ \t]+(?=\S)")
_BOX = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")


class Line(Struct, frozen=True):
    number: int
    text: str
    is_code: bool


class Section(Struct, frozen=True):
    """A heading or an item, and what stands below it."""

    number: int
    """Of its first line."""
    title: str
    is_checked: bool
    body: tuple[Line, ...]


def lines_of(text: str) -> Iterator[Line]:
    fence = ""
    # Not `splitlines`, which also splits at form feeds and other signs inside of a line.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        mark = _FENCE.match(line)
        yield Line(number, line, bool(fence or mark))
        if not mark:
            continue
        if not fence:
            fence = mark[1]
        elif mark[1].startswith(fence) and not line[mark.end() :].strip():
            fence = ""


def heading(line: Line) -> tuple[int, str] | None:
    """Its level and title; None for any other line."""
    mark = None if line.is_code else _HEADING.match(line.text)
    if mark is None:
        return None
    title = line.text[mark.end() :].strip()
    bare = title.rstrip("#")
    # A run of signs at the end closes the heading only when it stands apart.
    closed = bare != title and bare[-1:] in ("", " ", "\t")
    return len(mark[1]), bare.strip() if closed else title


def sections(lines: Sequence[Line], level: int) -> list[Section]:
    """Those of the headings of this level; one above them ends a section as well."""
    heads = [(at, *head) for at, line in enumerate(lines) if (head := heading(line))]
    heads = [head for head in heads if head[1] <= level]
    ends = [at for at, _, _ in heads[1:]] + [len(lines)]
    found = []
    for (at, depth, title), end in zip(heads, ends, strict=False):
        if depth == level:
            box = _BOX.match(title)
            is_checked = box is not None and box[1] != " "
            bare = title[box.end() :] if box else title
            found.append(Section(lines[at].number, bare, is_checked, tuple(lines[at + 1 : end])))
    return found


def top_level(lines: Sequence[Line]) -> int:
    """That of the highest headings below the text's own title; 0 without headings."""
    levels = [head[0] for line in lines if (head := heading(line))]
    if len(levels) > 1 and min(levels[1:]) > levels[0]:
        del levels[0]
    return min(levels, default=0)


def items(lines: Sequence[Line]) -> list[Section]:
    """The items at the margin, each with what is indented below it."""
    found: list[Section] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        box = None if line.is_code else _ITEM.match(line.text)
        at += 1
        if box is None:
            continue
        start = at
        while at < len(lines) and (not lines[at].text.strip() or lines[at].text[0] in " \t"):
            at += 1
        body = _dedented(lines[start:at])
        found.append(Section(line.number, line.text[box.end() :], box[1] != " ", body))
    return found


def _dedented(lines: Sequence[Line]) -> tuple[Line, ...]:
    texts = textwrap.dedent("\n".join(line.text for line in lines)).split("\n")
    return tuple(structs.replace(line, text=text) for line, text in zip(lines, texts, strict=False))
