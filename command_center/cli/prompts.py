"""Where a prompt comes from: an argument, a file, or standard input."""

import sys
from pathlib import Path

import click

STDIN = "-"


def read_prompt(text: str | None, file: Path | None) -> str:
    """Line ends at the end are taken off; everything else is as given."""
    if text is not None and file is not None:
        raise click.UsageError("two prompts: give a text or `-f FILE`, not both")
    if file is not None and str(file) != STDIN:
        return _decoded(file.read_bytes(), str(file))
    if file is not None or text == STDIN:
        return _decoded(sys.stdin.buffer.read(), "standard input")
    return text or ""


def _decoded(body: bytes, name: str) -> str:
    try:
        return body.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name}: not UTF-8 text (byte {error.start})") from None
