"""Decoding of hand-written TOML with errors that name the file, the key and the way out."""

import difflib
import threading
import tomllib
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import inspect

from command_center.domain.errors import SpecError

T = TypeVar("T", bound=msgspec.Struct)

# msgspec prepares a type when it is first used, and crashes when two threads do so at once.
_one_at_a_time = threading.Lock()


def read_toml(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(f"{file}: not valid TOML: {error}") from None


def decode_toml_table(table: dict[str, object], kind: type[T], file: str) -> T:
    """Raises SpecError for an unknown key, a missing one or a wrong value. Threads may call it."""
    with _one_at_a_time:
        _refuse_unknown_keys(table, kind, file)
        try:
            return msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            raise SpecError(f"{file}: {error}") from None


def _refuse_unknown_keys(table: dict[str, object], kind: type[T], file: str) -> None:
    for path, key, known in _unknown_keys(table, inspect.type_info(kind), ""):
        raise SpecError(f"{file}: unknown key '{path}{key}' ({nearest(key, known, 'known keys')})")


def nearest(word: str, known: Sequence[str], all_are: str = "there are") -> str:
    """The way out of a word that nothing has."""
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean '{near[0]}'?" if near else f"{all_are}: {', '.join(sorted(known))}"


def _unknown_keys(
    value: object, info: inspect.Type, path: str
) -> Iterator[tuple[str, str, list[str]]]:
    if isinstance(info, inspect.UnionType):
        for option in info.types:
            if isinstance(option, inspect.StructType) and isinstance(value, dict):
                yield from _unknown_keys(value, option, path)
    elif isinstance(info, inspect.StructType) and isinstance(value, dict):
        fields = {f.encode_name: f.type for f in info.fields}
        for key, inner in value.items():
            if key not in fields:
                yield path, str(key), list(fields)
            else:
                yield from _unknown_keys(inner, fields[key], f"{path}{key}.")
    elif isinstance(info, inspect.VarTupleType) and isinstance(value, list):
        for inner in value:
            yield from _unknown_keys(inner, info.item_type, path)
    elif isinstance(info, inspect.DictType) and isinstance(value, dict):
        for key, inner in value.items():
            yield from _unknown_keys(inner, info.value_type, f"{path}{key}.")
