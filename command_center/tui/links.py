"""Addresses that a pane shows: where they stand, and whether they may be opened."""

import asyncio
import os
import re
import sys
from urllib.parse import urlsplit

from rich.cells import cell_len

from command_center.tui.ansi import shown_runs
from command_center.tui.pane_rows import Row

_LONGEST = 2000
_TEXT = re.compile(r"https?://[!-~]+")
_CLOSERS = {")": "(", "]": "[", "}": "{", ">": "<"}


def openable(address: str) -> str:
    """`address` if a browser may be asked for it: http or https to a named host, printable
    ASCII, nobody's password. Else nothing.
    """
    if not _TEXT.fullmatch(address) or len(address) > _LONGEST:
        return ""
    try:
        parts = urlsplit(address)
        host, user = parts.hostname, parts.username
    except ValueError:
        return ""
    return address if host and user is None else ""


def link_at(row: Row, column: int) -> str:
    """The openable address at a column of `row`: one the program linked, else one it wrote."""
    start, text = 0, ""
    for shown, pen in shown_runs(row.raw, row.pen):
        end = start + cell_len(shown)
        if pen.link and start <= column < end:
            return openable(pen.link)
        text += shown
        start = end
    for found in _TEXT.finditer(text):
        first = cell_len(text[: found.start()])
        address = _without_tail(found[0])
        if first <= column < first + len(address):
            return openable(address)
    return ""


def _without_tail(address: str) -> str:
    """Without the punctuation and the quotes of the sentence around it."""
    while address:
        last = address[-1]
        opener = _CLOSERS.get(last)
        if last not in ".,;:!?'\"`*|" and (
            opener is None or address.count(opener) >= address.count(last)
        ):
            break
        address = address[:-1]
    return address


async def opened(address: str) -> bool:
    """Hand an `openable` address to the desktop; False where there is none to take it."""
    if sys.platform == "darwin":
        opener = "open"
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        opener = "xdg-open"
    else:
        return False
    none = asyncio.subprocess.DEVNULL
    try:
        await asyncio.create_subprocess_exec(
            opener, address, stdin=none, stdout=none, stderr=none, start_new_session=True
        )
    except OSError:
        return False
    return True
