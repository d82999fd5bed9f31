"""docs/agent-specs.md says what is true of the format."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from command_center.domain.specs import PLACEHOLDERS, AgentSpec, parse
from command_center.domain.strict import read_toml

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "agent-specs.md").read_text("utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", DOC))


def structs_in(kind: msgspec.inspect.Type) -> Iterator[msgspec.inspect.StructType]:
    match kind:
        case msgspec.inspect.StructType():
            yield kind
        case msgspec.inspect.UnionType(types=types):
            for each in types:
                yield from structs_in(each)
        case msgspec.inspect.VarTupleType(item_type=item):
            yield from structs_in(item)
        case msgspec.inspect.DictType(value_type=value):
            yield from structs_in(value)
        case _:
            return


def keys_of(struct: msgspec.inspect.StructType, path: str, seen: set[type]) -> Iterator[str]:
    """Every key of a spec; a table that stands in several places counts at the first."""
    if struct.cls in seen:
        return
    seen.add(struct.cls)
    for field in struct.fields:
        key = f"{path}{field.encode_name}"
        yield key
        for inner in structs_in(field.type):
            yield from keys_of(inner, f"{key}.", seen)


def test_every_key_of_a_spec_is_explained() -> None:
    [spec] = structs_in(msgspec.inspect.type_info(AgentSpec))
    keys = list(keys_of(spec, "", set()))
    assert len(keys) > 60
    assert [key for key in keys if key not in NAMED] == []


def test_every_explained_key_exists() -> None:
    [spec] = structs_in(msgspec.inspect.type_info(AgentSpec))
    keys = set(keys_of(spec, "", set()))
    explained = re.findall(r"^\| ((?:`[\w.]+` ?)+)\|.*\|.*\|$", DOC, re.MULTILINE)
    assert explained
    assert [
        key for row in explained for key in re.findall(r"`(.+?)`", row) if key not in keys
    ] == []


def test_every_placeholder_is_explained() -> None:
    assert {f"${{{name}}}" for name in PLACEHOLDERS} - NAMED == set()


def test_the_complete_example_is_a_spec() -> None:
    first, *_ = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    assert parse(read_toml(first, "tool.toml"), "tool.toml").id == "tool"


def test_every_shipped_spec_is_in_the_table() -> None:
    shipped = {file.stem for file in (ROOT / "agents").glob("*.toml")}
    assert shipped - set(re.findall(r"^\| (\w+) \|", DOC, re.MULTILINE)) == set()
