"""Words made inert for tmux: its command language, its formats, its argv, and pasted text."""

import os
from collections.abc import Sequence

from command_center.domain.errors import TmuxError

Command = tuple[str, ...]
"""One tmux command: its full name, then its arguments, each exactly as tmux shall see it."""

PASTE_LIMIT = 1 << 20
"""Characters one paste may hold."""

# A longer line would keep the server, and with it every pane, waiting while it is parsed.
_PASTE_CHUNK = 16 * 1024

# Names a window hands to a shell only as positional words, so nothing in them is syntax.
# The pause is for tmux, which drops what a program printed right before its end.
_ENTER_AND_RUN = 'cd "$0" || { sleep 0.2; exit 1; }; exec "$@"'

# Octal, because a command is one line and some letters have a meaning after a backslash.
# The surrogates are what Python makes of undecodable bytes in a path.
_IN_QUOTES = {
    **{code: f"\\{code:03o}" for code in (*range(1, 32), 127)},
    **{ord(char): "\\" + char for char in '\\"$~'},
    **{0xDC00 + byte: f"\\{byte:03o}" for byte in range(128, 256)},
}

_UNPASTED = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)))


def quoted(word: str) -> str:
    """`word` as one word of tmux's command language, whatever it holds.

    Raises TmuxError for a NUL, which no argument can carry.
    """
    if "\0" in word:
        raise TmuxError(f"{word[:40]!r} holds a NUL character, which tmux cannot carry; remove it")
    return f'"{word.translate(_IN_QUOTES)}"'


def command_line(command: Command) -> bytes:
    """`command` as the one line a control-mode client sends."""
    name, *words = command
    line = " ".join((name, *map(quoted, words))) + "\n"
    try:
        return line.encode()
    except UnicodeEncodeError as error:
        raise TmuxError(f"{name}: an argument is not text ({error.reason}); correct it") from error


def literal_format(text: str) -> str:
    """`text` for an argument that tmux expands as a format. `#[` keeps its doubled `#`."""
    return text.replace("#", "##")


def argv_word(word: str) -> str:
    """`word` for tmux's own argv, where a last `;` would end the command."""
    return word[:-1] + "\\;" if word.endswith(";") else word


def in_folder(cwd: os.PathLike[str] | str, argv: Sequence[str]) -> tuple[str, ...]:
    """`argv` run in the absolute folder `cwd`, or failing visibly when it is not there.

    Not `new-window -c`: tmux expands that as a format and falls back to the home folder.
    """
    return ("sh", "-c", _ENTER_AND_RUN, os.fspath(cwd), *argv)


def pasteable(text: str) -> str:
    """`text` without the control characters that could end a bracketed paste or act as keys.

    Line ends become LF; of the other control characters only the tab stays.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNPASTED)


def paste_commands(pane: str, text: str) -> list[Command]:
    """Leave copy-mode and paste `pasteable(text)` into `pane` through a buffer of its own.

    Bracketed when the program asked for it; LF arrives as CR, as from a terminal. Raises
    TmuxError for a text over `PASTE_LIMIT`.
    """
    clean = pasteable(text)
    if len(clean) > PASTE_LIMIT:
        raise TmuxError(f"a paste of {len(clean)} characters is over {PASTE_LIMIT}; use a file")
    buffer = f"acc-{os.urandom(8).hex()}"
    fill: list[Command] = [
        ("set-buffer", "-a", "-b", buffer, "--", clean[start : start + _PASTE_CHUNK])
        for start in range(0, len(clean), _PASTE_CHUNK)
    ]
    if not fill:
        return []
    paste = ("paste-buffer", "-p", "-d", "-b", buffer, "-t", pane)
    return [("copy-mode", "-q", "-t", pane), *fill, paste]
