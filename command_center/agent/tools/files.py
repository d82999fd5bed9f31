"""Reading, editing and writing files."""

import difflib
from typing import Annotated

from msgspec import Meta, Struct

from command_center.agent.tools.ground import Ground
from command_center.agent.tools.outcome import Outcome, ToolProblem, bounded, counted

PathTold = Annotated[str, Meta(min_length=1, description="Path in the working folder.")]
LINES = 2000
LONGEST_LINE = 2000


class Read(Struct, frozen=True, forbid_unknown_fields=True):
    """Read a text file; its lines come numbered."""

    path: PathTold
    first: Annotated[int, Meta(ge=1, description="Number of the first line wanted.")] = 1
    lines: Annotated[int, Meta(ge=1, le=LINES, description="How many lines.")] = LINES


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """Replace exact text in a file. `old` must stand there once, unless `all` is set."""

    path: PathTold
    old: Annotated[str, Meta(min_length=1, description="The text, exactly as it stands there.")]
    new: Annotated[str, Meta(description="What takes its place.")]
    all: Annotated[bool, Meta(description="Replace every place.")] = False


class Write(Struct, frozen=True, forbid_unknown_fields=True):
    """Write a whole file, new or one that was read before. Prefer edit for changes."""

    path: PathTold
    content: Annotated[str, Meta(description="The whole text.")]


def read(ground: Ground, told: Read) -> Outcome:
    path = ground.path(told.path)
    lines = ground.read(path).splitlines()
    chosen = lines[told.first - 1 : told.first - 1 + told.lines]
    if not chosen:
        return Outcome(f"(it has {len(lines)} lines)", seen=counted(len(lines), "line"))
    shown = "\n".join(
        f"{number:>5}  {line[:LONGEST_LINE]}" for number, line in enumerate(chosen, told.first)
    )
    left = len(lines) - (told.first - 1 + len(chosen))
    more = f"\n({left} more lines follow)" if left > 0 else ""
    # Undecodable bytes cannot be sent to a model.
    safe = (bounded(shown) + more).encode("utf-8", "replace").decode()
    return Outcome(safe, seen=counted(len(chosen), "line"))


def edited(ground: Ground, told: Edit) -> tuple[str, str]:
    """The file's text before and after. Raises ToolProblem."""
    before = ground.text(ground.path(told.path))
    count = before.count(told.old)
    if count == 0:
        raise ToolProblem(f"{told.path}: `old` does not stand there; read the file again")
    if count > 1 and not told.all:
        raise ToolProblem(f"{told.path}: `old` stands there {count} times; give more around it")
    if told.old == told.new:
        raise ToolProblem("`old` and `new` are the same")
    return before, before.replace(told.old, told.new)


def edit(ground: Ground, told: Edit) -> Outcome:
    before, after = edited(ground, told)
    ground.write(ground.path(told.path), after)
    added, removed = changed(before, after)
    return Outcome(f"{told.path} edited", seen=f"+{added} −{removed}")


def write(ground: Ground, told: Write) -> Outcome:
    path = ground.path(told.path)
    ground.demand_known(path)
    ground.write(path, told.content)
    lines = len(told.content.splitlines())
    return Outcome(f"{told.path} written, {lines} lines", seen=counted(lines, "line"))


def changed(before: str, after: str) -> tuple[int, int]:
    """Lines added and removed."""
    lines = diff(before, after)
    return sum(line[0] == "+" for line in lines), sum(line[0] == "-" for line in lines)


def diff(before: str, after: str, around: int = 0) -> list[str]:
    """Changed lines, each after its sign; unified, without its heads."""
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), n=around, lineterm="")
    return [line for line in list(told)[2:] if not line.startswith("@@")]
