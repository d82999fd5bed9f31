"""What a record's pieces are in words that fit one line."""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Raw

LONGEST = 400
"""Characters of a text that are looked at; a line on the screen is shorter."""

_RUN = ("command", "cmd", "script", "query", "pattern", "url", "prompt", "description")
_ON = ("file_path", "path", "filePath", "absolute_path", "notebook_path", "target_file", "file")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")

_arguments = msgspec.json.Decoder(dict[str, object])


def call_of(tool: str, arguments: Mapping[str, object]) -> str:
    """Such as `Bash: npm test` or `Edit src/app.py`."""
    if what := _first(arguments, _RUN[:2]):
        return f"{tool}: {what}"
    if where := _first(arguments, _ON):
        return f"{tool} {where}"
    what = _first(arguments, _RUN[2:])
    return f"{tool}: {what}" if what else tool


def _first(arguments: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = arguments.get(key)
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            value = " ".join(value)
        if isinstance(value, str) and value.strip():
            return value[:LONGEST]
    return ""


def object_in(body: bytes | str | Raw | None) -> dict[str, object]:
    """Empty for whatever is no JSON object."""
    try:
        return _arguments.decode(body or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError, RecursionError):
        return {}


def last_sentence(text: str) -> str:
    """The last thing said: what an agent announces stands at the end."""
    bare = text[-LONGEST:].replace("**", "").replace("`", "")
    lines = [line.strip(" \t#*>-") for line in bare.splitlines()]
    said = [line for line in lines if line]
    return _SENTENCE.split(said[-1])[-1] if said else ""
