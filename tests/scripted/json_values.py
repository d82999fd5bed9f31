"""Typed access to decoded JSON: a value of another type reads as empty, never as an error."""

from collections.abc import Mapping

Obj = Mapping[str, object]


def an_object(value: object) -> dict[str, object]:
    """`value` when it is a JSON object, else an empty one."""
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items()}


def a_list(value: object) -> list[object]:
    """`value` when it is a JSON array, else an empty one."""
    return list(value) if isinstance(value, list) else []


def objects(value: object) -> list[dict[str, object]]:
    """The objects in a JSON array; other items are left out."""
    return [an_object(item) for item in a_list(value) if isinstance(item, dict)]


def a_text(value: object) -> str:
    """`value` when it is a JSON string, else an empty one."""
    return value if isinstance(value, str) else ""
