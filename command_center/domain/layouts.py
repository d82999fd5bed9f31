"""Layouts: which parts of the dashboard stand where, which agents they show, and how.

A layout is a TOML file; `docs/layouts.md` explains every key with examples. It only describes:
nothing in it is ever run, so a project's own layouts need no trust.
"""

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field, json

from command_center.domain.errors import SpecError
from command_center.domain.model import State

Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\Z")]
COLUMNS = (
    *("time", "name", "agent", "task", "doing", "trend", "rate", "context", "tokens", "money"),
    *("cpu", "memory", "tags", "branch", "diff"),
)
"""Of the list."""
_SIZE = r"auto|[1-9][0-9]{0,3}(%|fr)?"


class Part(StrEnum):
    """What a region can hold."""

    LIST = "list"
    PANE = "pane"
    WALL = "wall"
    BOARD = "board"
    """Of tasks."""
    RUNS = "runs"
    MACHINE = "machine"


class Split(StrEnum):
    COLUMNS = "columns"
    """Side by side."""
    ROWS = "rows"
    """One below the other."""


class Group(StrEnum):
    """What agents stand together for."""

    NONE = "none"
    REPOSITORY = "repository"
    TASK = "task"
    STATE = "state"
    TAG = "tag"


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Region(_Table, frozen=True):
    """Holds one part, or is split among regions."""

    part: Part | None = None
    split: Split | None = None
    regions: tuple["Region", ...] = ()
    size: str = "1fr"
    """Along the split that holds it: cells (`12`), a share of it (`46%`), a part of what is left
    (`1fr`), or as much as there is to show (`auto`)."""
    most: str = ""
    """The largest that an `auto` region becomes, in cells or as a share of the screen."""

    @property
    def parts(self) -> Iterator[Part]:
        if self.part is not None:
            yield self.part
        for region in self.regions:
            yield from region.parts


class Narrow(_Table, frozen=True):
    """Another arrangement for a narrow screen."""

    below: Annotated[int, Meta(ge=20, le=1000)]
    """Columns."""
    body: Region


class Only(_Table, frozen=True):
    """Which agents are shown: those that fit every key that is given, by any of its words."""

    states: tuple[State, ...] = ()
    repositories: tuple[str, ...] = ()
    """Names of repositories."""
    tasks: tuple[str, ...] = ()
    """Words of the task."""
    tags: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names of agents; `*` stands for any letters."""
    text: str = ""
    """Words that all occur in what is shown of it."""
    needs_me: bool = False
    """Those that need the user, besides those in one of `states`."""


class Layout(_Table, frozen=True):
    id: Id
    name: str
    body: Region
    help: str = ""
    narrow: Narrow | None = None
    only: Only = field(default_factory=Only)
    group: Group = Group.REPOSITORY
    columns: tuple[str, ...] = ()
    """Of the list, in order; empty: as many as there is room for."""
    shows_hidden: bool = False

    def body_at(self, width: int) -> Region:
        """The arrangement for a screen of so many columns."""
        is_narrow = self.narrow is not None and width < self.narrow.below
        return self.narrow.body if is_narrow and self.narrow else self.body


def parse(table: dict[str, object], file: str) -> Layout:
    """Raises SpecError naming the file, the key, and the nearest valid key."""
    # Not at the top: the default layout needs no TOML, and nothing before the first paint may.
    from command_center.domain.strict import decode_toml_table, nearest

    layout = decode_toml_table(table, Layout, file)
    bodies = {"body": layout.body}
    if layout.narrow is not None:
        bodies["narrow.body"] = layout.narrow.body
    for where, body in bodies.items():
        if problem := _problem_in(body, where):
            raise SpecError(f"{file}: {problem}")
    for column in layout.columns:
        if column not in COLUMNS:
            raise SpecError(f"{file}: columns: no column '{column}' ({nearest(column, COLUMNS)})")
    return layout


def _problem_in(body: Region, where: str) -> str | None:
    twice = [part for part, count in Counter(body.parts).items() if count > 1]
    if twice:
        return f"{where}: '{twice[0]}' stands twice; each part can be shown once"
    return next(_problems_in(body, where), None)


def _problems_in(region: Region, where: str) -> Iterator[str]:
    for key, size in (("size", region.size), ("most", region.most)):
        if size and not re.fullmatch(_SIZE, size):
            yield f"{where}.{key}: '{size}' is no size; write '12', '46%', '1fr' or 'auto'"
    if region.part is not None:
        if region.split is not None or region.regions:
            yield f"{where}: holds the {region.part}, so it cannot be split too"
        return
    if region.split is None or not region.regions:
        yield f"{where}: needs a 'part' ({', '.join(Part)}), or a 'split' and 'regions'"
    if region.regions and all(inner.size == "auto" for inner in region.regions):
        yield f"{where}.regions: at least one needs a size other than 'auto'"
    for number, inner in enumerate(region.regions):
        if inner.size == "auto" and (inner.part is not Part.LIST or region.split is Split.COLUMNS):
            yield f"{where}.regions[{number}]: only a list in rows can be of size 'auto'"
        yield from _problems_in(inner, f"{where}.regions[{number}]")


FLEET = Layout(
    id="fleet",
    name="Fleet",
    help="The list, and beside it the pane of the selected agent",
    body=Region(
        split=Split.COLUMNS,
        regions=(Region(part=Part.LIST, size="46%"), Region(part=Part.PANE)),
    ),
    narrow=Narrow(
        below=120,
        body=Region(
            split=Split.ROWS,
            regions=(Region(part=Part.LIST, size="auto", most="42%"), Region(part=Part.PANE)),
        ),
    ),
)
"""The default: `layouts/fleet.toml`, here so that the dashboard need not read it to start."""


def written(layout: Layout) -> str:
    """`layout` as TOML that `parse` reads back."""
    lines = [f"{key} = {_value(getattr(layout, key))}" for key in ("id", "name", "help")]
    lines.append(f"group = {_value(layout.group)}")
    if layout.columns:
        lines.append(f"columns = {_value(layout.columns)}")
    if layout.shows_hidden:
        lines.append("shows_hidden = true")
    only = [(key, getattr(layout.only, key)) for key in Only.__struct_fields__]
    if any(words for _, words in only):
        lines += ["", "[only]", *(f"{key} = {_value(words)}" for key, words in only if words)]
    lines += ["", "[body]", *_region_lines(layout.body)]
    if layout.narrow is not None:
        lines += ["", "[narrow]", f"below = {layout.narrow.below}"]
        lines += ["", "[narrow.body]", *_region_lines(layout.narrow.body)]
    return "\n".join(lines) + "\n"


def _region_lines(body: Region) -> Iterator[str]:
    if body.part is not None:
        yield f"part = {_value(body.part)}"
    if body.split is not None:
        yield f"split = {_value(body.split)}"
        yield "regions = ["
        yield from (f"    {_inline(region)}," for region in body.regions)
        yield "]"


def _inline(region: Region) -> str:
    said = [("part", region.part), ("split", region.split), ("size", region.size)]
    words = [f"{key} = {_value(value)}" for key, value in said if value]
    words += [f"most = {_value(region.most)}"] if region.most else []
    if region.regions:
        words.append(f"regions = [{', '.join(map(_inline, region.regions))}]")
    return "{ " + ", ".join(words) + " }"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    # A TOML basic string is a JSON string, except that DEL must be escaped too.
    return json.encode(str(value)).decode().replace("\x7f", "\\u007f")
