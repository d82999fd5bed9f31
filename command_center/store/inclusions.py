"""Files that a prompt names as `@path`: their words come along, from inside the repository only."""

import re
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import IntentError
from command_center.domain.text import fenced, one_line

LONGEST_FILE = 100_000
"""Bytes."""
LONGEST_ALL = 200_000
"""Characters of all files together."""
MOST_FILES = 20
_MENTION = re.compile(r"""(?<![^\s(\["'`])@(?:"([^"\n]+)"|([^\s"'`()\[\]<>]+))""")
_AT_THE_END = ".,;:!?"


class Inclusion(Struct, frozen=True):
    text: str
    files: tuple[str, ...] = ()
    """As they were named, relative to the repository."""


def include(text: str, root: Path) -> Inclusion:
    """`text` with the files below `root` that it names put after it; `@` goes where one is.

    What is no file stays as it is: decorators and people are called so as well. Raises IntentError
    for a file outside of the repository, too long, or not text; OSError.
    """
    bodies: dict[str, str] = {}

    def named(mention: re.Match[str]) -> str:
        whole = mention[1] or mention[2]
        for name in dict.fromkeys((whole, whole.rstrip(_AT_THE_END))):
            if name not in bodies and (file := _file(root, name)):
                bodies[name] = _read(file, name)
                _demand_room(bodies)
            if name in bodies:
                return mention[0][1:]
        return mention[0]

    said = _MENTION.sub(named, text)
    parts = [said, *(f"{name}:\n\n{fenced(body)}" for name, body in bodies.items())]
    return Inclusion("\n\n".join(parts), tuple(bodies))


def _demand_room(bodies: dict[str, str]) -> None:
    if len(bodies) > MOST_FILES or sum(map(len, bodies.values())) > LONGEST_ALL:
        raise IntentError(
            f"the prompt names too much; {MOST_FILES} files and {LONGEST_ALL:,} characters "
            "together are the most"
        )


def _file(root: Path, name: str) -> Path | None:
    """The file; None where there is none. Raises IntentError for one that must not be read."""
    if "\0" in name:
        return None
    inside = root.resolve()
    try:
        file = (inside / name).resolve()
        is_there = file.exists() and not file.is_dir()
    except (OSError, RuntimeError):
        # Too long a name, a loop of links, a folder that may not be looked into.
        return None
    if not is_there:
        return None
    if not file.is_relative_to(inside) or ".git" in file.relative_to(inside).parts:
        raise IntentError(f"@{one_line(name, 80)}: is outside of the repository's files")
    if not file.is_file():
        raise IntentError(f"@{one_line(name, 80)}: is no file with text in it")
    return file


def _read(file: Path, name: str) -> str:
    size = file.stat().st_size
    if size > LONGEST_FILE:
        raise IntentError(f"@{one_line(name, 80)}: {size:,} bytes; {LONGEST_FILE:,} are the most")
    try:
        text = file.read_bytes()[: LONGEST_FILE + 1].decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise IntentError(f"@{one_line(name, 80)}: is no file with text in it")
    return text
