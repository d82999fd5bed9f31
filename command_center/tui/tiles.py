"""Where each part of a layout lies in so many columns and lines, and what divides them: pure."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace
from textual.geometry import Region as Area

from command_center.domain.layouts import Part, Region, Split

LEAST = 3
"""Cells that a part keeps when the mouse makes another larger."""


class Rule(Struct, frozen=True):
    """The line between two neighbours; the mouse can move it."""

    area: Area
    path: tuple[int, ...]
    """Which split it belongs to: the way there from the whole body."""
    after: int
    """Number of the region before it."""
    extents: tuple[int, ...]
    """Cells of each region of that split."""
    is_upright: bool


class Tiles(Struct, frozen=True):
    areas: dict[Part, Area] = {}
    rules: tuple[Rule, ...] = ()
    """From left to right."""

    def rule_at(self, x: int, y: int) -> Rule | None:
        return next((rule for rule in self.rules if rule.area.contains(x, y)), None)


Wanted = Callable[[Part], int]
"""Lines that a part of size `auto` has to show."""


def tiled(body: Region, area: Area, wanted: Wanted) -> Tiles:
    areas: dict[Part, Area] = {}
    rules: list[Rule] = []
    for found in _laid(body, area, wanted, ()):
        if isinstance(found, Rule):
            rules.append(found)
        else:
            areas[found[0]] = found[1]
    return Tiles(areas, tuple(sorted(rules, key=lambda rule: rule.area.x)))


def _laid(
    body: Region, area: Area, wanted: Wanted, path: tuple[int, ...]
) -> Iterator[tuple[Part, Area] | Rule]:
    if body.part is not None:
        yield body.part, area
        return
    is_row = body.split is Split.ROWS
    whole = area.height if is_row else area.width
    extents = _extents(body.regions, whole, wanted)
    at = 0
    for number, (region, extent) in enumerate(zip(body.regions, extents, strict=True)):
        yield from _laid(region, _slice(area, at, extent, is_row), wanted, (*path, number))
        at += extent
        if number < len(extents) - 1:
            yield Rule(_slice(area, at, 1, is_row), path, number, extents, not is_row)
            at += 1


def _slice(area: Area, at: int, extent: int, is_row: bool) -> Area:
    if is_row:
        return Area(area.x, area.y + at, area.width, extent)
    return Area(area.x + at, area.y, extent, area.height)


def _extents(regions: Sequence[Region], whole: int, wanted: Wanted) -> tuple[int, ...]:
    """Cells of each; what no size claims goes to those of size `fr`, else to the last."""
    left = max(0, whole - (len(regions) - 1))
    sizes: list[int] = []
    for number, region in enumerate(regions):
        # One cell stays for each that follows, however much is claimed.
        room = max(0, left - (len(regions) - 1 - number))
        sizes.append(min(room, _claimed(region, whole, wanted)))
        left -= sizes[-1]
    weights = [_weight(region.size) for region in regions]
    if not any(weights):
        weights[-1] = 1
    for number, weight in enumerate(weights):
        if weight:
            share = left * weight // sum(weights[number:])
            sizes[number] += share
            left -= share
    return tuple(sizes)


def _claimed(region: Region, whole: int, wanted: Wanted) -> int:
    size = region.size
    if size == "auto" and region.part is not None:
        return wanted(region.part)
    if size.endswith("%"):
        return whole * int(size[:-1]) // 100
    return int(size) if size.isdigit() else 0


def _weight(size: str) -> int:
    return int(size[:-2]) if size.endswith("fr") else 0


def dragged(body: Region, rule: Rule, cells: int) -> Region:
    """`body` with `rule` moved so many cells right or down; that split then keeps its shares."""
    extents = list(rule.extents)
    before, behind = extents[rule.after], extents[rule.after + 1]
    cells = max(min(LEAST, before) - before, min(cells, behind - min(LEAST, behind)))
    extents[rule.after] += cells
    extents[rule.after + 1] -= cells
    return _resized(body, rule.path, extents)


def _resized(body: Region, path: tuple[int, ...], extents: Sequence[int]) -> Region:
    regions = list(body.regions)
    if path:
        regions[path[0]] = _resized(regions[path[0]], path[1:], extents)
    else:
        pairs = zip(regions, extents, strict=True)
        regions = [replace(region, size=f"{max(1, cells)}fr", most="") for region, cells in pairs]
    return replace(body, regions=tuple(regions))


def region_of(body: Region, part: Part) -> Region | None:
    if body.part is part:
        return body
    return next((r for inner in body.regions if (r := region_of(inner, part))), None)
