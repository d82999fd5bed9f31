"""Readers of what the CLIs write about their own work, one module per shape of file."""

import glob
import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from string import Template
from typing import Protocol

from command_center.domain.usage import Cursor, Finding, Shape
from command_center.drivers.transcripts.lines import Look, last_look

__all__ = ("FORMATS", "Format", "Look", "files", "last_look")


class Format(Protocol):
    def look(self, path: str) -> Look:
        """Costs a stat or two. Raises OSError."""
        ...

    def read(self, path: Path, cursor: Cursor) -> Finding:
        """What is new since `cursor`; all of it for `Cursor()`.

        Whatever the file holds is no error. Raises OSError when it cannot be read.
        """
        ...


class _Formats(dict[Shape, Format]):
    """Each reader is imported when it is first wanted: most fleets need one or two."""

    def __missing__(self, shape: Shape) -> Format:
        module = import_module(f"{__name__}.{shape.name.lower()}")
        reader: Format = getattr(module, shape.name.title().replace("_", ""))()
        self[shape] = reader
        return reader


FORMATS: Mapping[Shape, Format] = _Formats()
"""A reader for every shape; by its own name, in a module of its own."""


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "*"


def files(patterns: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """The files that a spec's patterns stand for; a placeholder without a value matches any name.

    Values are taken literally: what is a wildcard in them is none. Raises nothing.
    """
    literal = _Known({name: glob.escape(value) for name, value in values.items()})
    found: dict[str, None] = {}
    for pattern in patterns:
        text = os.path.expanduser(Template(pattern).safe_substitute(literal))  # noqa: PTH111
        found |= dict.fromkeys(glob.glob(text, recursive=True))  # noqa: PTH207
    return list(found)
