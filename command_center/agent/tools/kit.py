"""All tools together: what the model is told of them, what they need, and how they are called."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from command_center.agent.talk import Tool, ToolUse
from command_center.agent.tools import files, search, shell
from command_center.agent.tools.files import Edit, Read, Write
from command_center.agent.tools.ground import Ground
from command_center.agent.tools.outcome import Outcome, ToolProblem
from command_center.agent.tools.search import List, Search
from command_center.agent.tools.shell import Shell

Told = Read | List | Search | Edit | Write | Shell
KINDS: dict[str, type[Told]] = {
    "read": Read,
    "list": List,
    "search": Search,
    "edit": Edit,
    "write": Write,
    "shell": Shell,
}


class Need(StrEnum):
    """What a tool wants leave for."""

    LOOK = "look"
    EDIT = "edit"
    RUN = "run"


NEEDS = {Read: Need.LOOK, List: Need.LOOK, Search: Need.LOOK}
NEEDS |= {Edit: Need.EDIT, Write: Need.EDIT, Shell: Need.RUN}


class Shown(Struct, frozen=True):
    """A call as the user sees it."""

    heading: str
    lines: tuple[str, ...] = ()
    """What would change, for a call that asks."""


def tools(needs: Sequence[Need]) -> tuple[Tool, ...]:
    """Those that a model may ever call."""
    return tuple(_tool(name, kind) for name, kind in KINDS.items() if NEEDS[kind] in needs)


def understood(call: ToolUse) -> Told:
    """Raises ToolProblem, which tells the model what is wrong with its call."""
    kind = KINDS.get(call.name)
    if kind is None:
        raise ToolProblem(f"there is no tool {call.name!r}; there are {', '.join(KINDS)}")
    try:
        return msgspec.convert(call.input, kind)
    except msgspec.ValidationError as error:
        raise ToolProblem(f"{call.name}: {error}") from error


async def carried_out(ground: Ground, told: Told, passed: Sequence[str] = ()) -> Outcome:
    """Raises ToolProblem."""
    match told:
        case Read():
            return files.read(ground, told)
        case List():
            return await search.listed(ground, told)
        case Search():
            return await search.search(ground, told)
        case Edit():
            return files.edit(ground, told)
        case Write():
            return files.write(ground, told)
        case Shell():
            return await shell.shell(ground, told, passed)


def shown(ground: Ground, told: Told) -> Shown:
    """Raises ToolProblem when the call can be seen to lead nowhere."""
    match told:
        case Read():
            return Shown(f"read {told.path}" + (f" from {told.first}" if told.first > 1 else ""))
        case List():
            return Shown(f"list {told.glob}")
        case Search():
            return Shown(f"search {told.pattern}" + (f" in {told.path}" * (told.path != ".")))
        case Edit():
            return Shown(f"edit {told.path}", tuple(files.diff(*files.edited(ground, told))))
        case Write():
            path = ground.path(told.path)
            ground.demand_known(path)
            before = ground.text(path) if path.exists() else ""
            return Shown(f"write {told.path}", tuple(files.diff(before, told.content)))
        case Shell():
            return Shown(f"shell {told.command}")


def _tool(name: str, kind: type[Told]) -> Tool:
    made = msgspec.json.schema(kind)["$defs"][kind.__name__]
    words = ("type", "properties", "required", "additionalProperties")
    schema = {key: made[key] for key in words if key in made}
    return Tool(name, made["description"], schema)
