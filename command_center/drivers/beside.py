"""What the user opens next to the dashboard: splits and windows of the tmux around it.

tmux itself keeps what is open: each pane carries a tag of ours and tells it when asked, so a
dashboard that starts again, or a second one, knows it too.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

from command_center.domain.errors import NotFound, TmuxError
from command_center.domain.text import one_line
from command_center.drivers.tmux_process import finished
from command_center.drivers.tmux_text import argv_word, in_folder

Place = Literal["split", "window"]

READABLE = 80
"""Columns that half a split should keep."""

_TAG = "@acc_beside"
_TOLD_TO_AGENTS = ("ACC_AGENT", "ACC_LAUNCH", "ACC_INBOX", "ACC_HOOK", "ACC_STATE")
"""What a program next to an agent must not have, or its hooks would speak as that agent."""
_AROUND = ("TMUX", "TMUX_PANE")
_SETTLES_S = 1.0
"""A terminal that lives this long has found its program."""

_terminals: list["subprocess.Popen[bytes]"] = []
"""Those we started that may still live: their end must be waited for by somebody."""


class Use(StrEnum):
    """What a pane was opened for."""

    SCREEN = "screen"
    SHELL = "shell"
    EDITOR = "editor"


_USES = {str(use): use for use in Use}


class Tag(NamedTuple):
    use: Use
    agent: str
    """Id."""

    def __str__(self) -> str:
        return f"{self.use}:{self.agent}"


class Opened(NamedTuple):
    tag: Tag
    pane: str
    """Id in the tmux around us."""


def is_inside() -> bool:
    return bool(os.environ.get("TMUX"))


async def look() -> list[Opened]:
    """Everything that is open, in the order tmux tells. Raises TmuxError."""
    listed = await _tmux("list-panes", "-a", "-F", f"#{{pane_id}} #{{{_TAG}}}")
    found: dict[str, Opened] = {}
    for line in listed.splitlines():
        pane, _, tag = line.partition(" ")
        use, _, agent = tag.partition(":")
        if use in _USES:
            # A window that is linked into two sessions is told twice.
            found[pane] = Opened(Tag(_USES[use], agent), pane)
    return list(found.values())


async def open_beside(argv: Sequence[str], tag: Tag, how: Place, cwd: str = "") -> None:
    """Run `argv`, without a shell, beside the pane we run in or in a new window.

    A split stands to the right where both halves are wide enough to read, else below. Raises
    TmuxError when we do not run inside tmux or it refuses.
    """
    words = (*clean_argv(), *(in_folder(cwd, argv) if cwd else argv))
    mark = (";", "set-option", "-p", _TAG, str(tag))
    await _tmux(*await _place(how), "--", *map(argv_word, words), *mark)


async def go_to(pane: str) -> None:
    """Show `pane` and give it the keyboard. Raises TmuxError, also when it is gone."""
    await _tmux("select-window", "-t", pane, ";", "select-pane", "-t", pane)


async def close(pane: str) -> None:
    """Raises TmuxError, also when it is gone."""
    await _tmux("kill-pane", "-t", pane)


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a program of the user's own: not in tmux, and no agent."""
    hidden = (*_AROUND, *_TOLD_TO_AGENTS)
    return {name: value for name, value in environ.items() if name not in hidden}


def clean_argv() -> tuple[str, ...]:
    """Put before a command, it takes away what `clean_environment` does."""
    return ("env", *(word for name in (*_AROUND, *_TOLD_TO_AGENTS) for word in ("-u", name)))


def open_terminal(template: Sequence[str], argv: Sequence[str]) -> None:
    """Run `argv` in a terminal emulator; the word `{command}` of `template` stands for it.

    Returns as soon as the terminal lives; it outlives us. Raises NotFound when it is not
    installed, TmuxError when it ends at once with a failure.
    """
    words = [each for word in template for each in (argv if word == "{command}" else (word,))]
    try:
        terminal = subprocess.Popen(
            words,
            cwd=Path.home(),
            env=clean_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NotFound(
            f"terminal '{one_line(words[0], 80)}' cannot be started ({error.strerror}); "
            "correct `terminal` in config.toml"
        ) from error
    _terminals[:] = [terminal, *(old for old in _terminals if old.poll() is None)]
    try:
        code = terminal.wait(_SETTLES_S)
    except subprocess.TimeoutExpired:
        return
    if code:
        raise TmuxError(
            f"terminal '{one_line(words[0], 80)}' ended at once with status {code}; "
            "try `terminal` of config.toml by hand"
        )


async def _place(how: Place) -> tuple[str, ...]:
    if how == "window":
        return ("new-window", "-a")
    width = await _tmux("display-message", "-p", "#{pane_width}")
    is_wide = width.isdecimal() and int(width) >= 2 * READABLE
    return ("split-window", "-h" if is_wide else "-v")


async def _tmux(*words: str) -> str:
    """What the tmux around us prints; its TMUX_PANE tells it which pane is ours."""
    if not is_inside():
        raise TmuxError("not inside tmux; attach from another terminal instead")
    done = await finished("tmux", *words, env=dict(os.environ))
    if done.code:
        raise TmuxError(f"your tmux refused to {words[0]}: {one_line(done.output, 200)}")
    return done.output
