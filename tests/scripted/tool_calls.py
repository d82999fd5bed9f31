"""Choose the CLI's own tool for a step and fill its arguments from the offered schema."""

from collections.abc import Mapping, Sequence

from tests.scripted.exchange import Call
from tests.scripted.json_values import Obj, a_list, a_text, an_object

SHELLS = (
    "Bash",
    "bash",
    "exec_command",
    "shell_command",
    "shell",
    "run_shell_command",
    "execute_command",
    "run_terminal_cmd",
    "run_terminal_command",
    "run_commands",
    "execute_bash",
    "Shell",
)
WRITERS = ("Write", "write", "write_file", "create", "write_to_file", "create_file", "editor")
READERS = ("Read", "read", "read_file", "view", "read_files")

COMMAND = ("command", "cmd", "commands", "script")
REASON = ("description", "explanation")
PATH = ("file_path", "filePath", "path", "absolute_path", "filename")
TEXT = ("content", "file_text", "text", "contents", "new_text")

Known = Sequence[tuple[Sequence[str], str]]
"""Values by the property names they may go under, the best name first."""


def shell_call(command: str, tools: Mapping[str, Obj], *, escalate: bool = False) -> Call | None:
    """A shell call; `escalate` asks to leave the sandbox where the tool has such an argument."""
    name = chosen(tools, SHELLS)
    if name is None:
        return None
    known = [(COMMAND, command), (REASON, "scripted command")]
    if escalate:
        known += [(("sandbox_permissions",), "require_escalated")]
        known += [(("justification",), "May this scripted command run?")]
    return Call(name, filled(tools[name], known))


def write_call(path: str, text: str, tools: Mapping[str, Obj]) -> Call | None:
    """A call that creates the file `path`; by a patch where only that is offered."""
    name = chosen(tools, WRITERS)
    if name is not None:
        known = [(PATH, path), (TEXT, text), (("command",), "create")]
        return Call(name, filled(tools[name], known))
    if "apply_patch" not in tools:
        return _written_by_shell(path, text, tools)
    added = "\n".join("+" + line for line in text.split("\n"))
    patch = f"*** Begin Patch\n*** Add File: {path}\n{added}\n*** End Patch"
    free_form = not an_object(tools["apply_patch"].get("properties"))
    return Call("apply_patch", patch if free_form else {"input": patch})


def read_call(path: str, tools: Mapping[str, Obj]) -> Call | None:
    """A call that reads the file `path`; by the shell where nothing else is offered."""
    name = chosen(tools, READERS)
    if name is None:
        return shell_call(f"cat '{path}'", tools)
    return Call(name, filled(tools[name], [(PATH, path)]))


def chosen(tools: Mapping[str, Obj], names: Sequence[str]) -> str | None:
    """The first of `names` on offer; else a tool whose name ends like one of them."""
    for name in names:
        if name in tools:
            return name
    endings = tuple(name.lower() for name in names)
    return next((tool for tool in tools if tool.lower().endswith(endings)), None)


def filled(schema: Obj, known: Known) -> dict[str, object]:
    """Arguments that fit `schema`: known values first, then any value for what is required."""
    properties = an_object(schema.get("properties"))
    arguments: dict[str, object] = {}
    for names, value in known:
        name = next((name for name in names if name in properties), None)
        if name is not None:
            arguments[name] = _shaped(name, an_object(properties[name]), value)
    for required in a_list(schema.get("required")):
        name = a_text(required)
        if name not in arguments:
            arguments[name] = _any_value(an_object(properties.get(name)))
    return arguments


def _written_by_shell(path: str, text: str, tools: Mapping[str, Obj]) -> Call | None:
    quoted = "'" + text.replace("'", "'\\''") + "'"
    return shell_call(f"printf '%s\\n' {quoted} > '{path}'", tools)


def _type_of(schema: Obj) -> str:
    kind = schema.get("type", "string")
    kinds = [a_text(item) for item in kind] if isinstance(kind, list) else [a_text(kind)]
    return next((item.lower() for item in kinds if item != "null"), "string")


def _shaped(name: str, schema: Obj, value: str) -> object:
    if _type_of(schema) != "array":
        return value
    if name == "command":
        return ["bash", "-lc", value]
    item = an_object(schema.get("items"))
    inner = an_object(item.get("properties"))
    return [filled(item, [(list(inner), value)])] if inner else [value]


def _any_value(schema: Obj) -> object:
    choices = a_list(schema.get("enum"))
    if choices:
        return choices[0]
    plain: dict[str, object] = {"boolean": False, "integer": 1, "number": 1, "array": []}
    return {} if _type_of(schema) == "object" else plain.get(_type_of(schema), "scripted")
