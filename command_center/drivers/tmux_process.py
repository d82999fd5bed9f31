"""The tmux processes we start: one for each connection, and a few at set-up."""

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from command_center.domain.errors import TmuxError, TmuxMissing, TmuxTooOld
from command_center.drivers.tmux_text import argv_word, in_folder
from command_center.drivers.tmux_turns import turn
from command_center.drivers.waiting import started

OLDEST = (3, 2)

_CLIENT_NEEDS = ("PATH", "HOME", "TERM", "TMUX_TMPDIR", "LANG", "LC_ALL", "LC_CTYPE")
_MISSING = "tmux is not installed; install it with your package manager"
_SIZE = (120, 40)

# A server that is just ending still takes a connection.
_STARTS = 10
_START_PAUSE = 0.1

# Global `window-size manual` is not here: in tmux 3.3 to 3.6 the next window or session would
# kill the server. Each window is made manual after it exists.
_OPTIONS: tuple[tuple[str, ...], ...] = (
    ("-s", "escape-time", "0"),
    ("-s", "focus-events", "on"),
    ("-s", "extended-keys", "on"),
    # What a person copies reaches their clipboard; what an agent sends as OSC 52 does not.
    ("-s", "set-clipboard", "external"),
    ("-s", "default-terminal", "tmux-256color"),
    # An index, so that starting twice adds nothing.
    ("-sq", "terminal-features[90]", "*:RGB"),
    ("-g", "default-size", f"{_SIZE[0]}x{_SIZE[1]}"),
    ("-g", "history-limit", "4000"),
    ("-g", "status", "off"),
    ("-g", "mouse", "on"),
    ("-g", "set-titles", "off"),
    ("-g", "bell-action", "current"),
    ("-g", "visual-bell", "off"),
    ("-g", "visual-activity", "off"),
    ("-g", "destroy-unattached", "off"),
    # An attached terminal's DISPLAY or SSH_AUTH_SOCK is not for the agents started later.
    ("-g", "update-environment", ""),
    ("-wg", "allow-rename", "off"),
    ("-wg", "automatic-rename", "off"),
    ("-wgq", "allow-passthrough", "off"),
    ("-wg", "remain-on-exit", "on"),
    # The last screen of a dead program is evidence; tmux writes nothing into it.
    ("-wgq", "remain-on-exit-format", ""),
)


class Finished(NamedTuple):
    code: int
    output: str
    """Standard output and standard error."""


def tmux_argv(socket: str) -> tuple[str, ...]:
    """The words that reach the private server named `socket`, in UTF-8 and without user config."""
    return ("tmux", "-u", "-L", socket, "-f", "/dev/null")


def outside_tmux() -> dict[str, str]:
    """Our environment without what says that we run inside somebody's tmux, and how large it is."""
    hidden = ("TMUX", "TMUX_PANE", "COLUMNS", "LINES")
    return {name: value for name, value in os.environ.items() if name not in hidden}


async def connected(
    protocol: Callable[[], asyncio.SubprocessProtocol],
    *argv: str,
) -> asyncio.SubprocessTransport:
    """Start a tmux client and give its output to `protocol`. Raises TmuxMissing."""
    try:
        transport, _ = await asyncio.get_running_loop().subprocess_exec(
            protocol,
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # A client tells the server its whole environment before it is fully known.
            env={name: os.environ[name] for name in _CLIENT_NEEDS if name in os.environ},
            # A Ctrl-C at our terminal is for us alone.
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise TmuxMissing(_MISSING) from error
    return transport


async def finished(*argv: str, env: dict[str, str] | None = None) -> Finished:
    """Run one tmux process to its end. Raises TmuxMissing."""
    try:
        process = await started(
            asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=outside_tmux() if env is None else env,
            )
        )
    except FileNotFoundError as error:
        raise TmuxMissing(_MISSING) from error
    output, _ = await process.communicate()
    return Finished(process.returncode or 0, output.decode("utf-8", "replace").strip())


async def asked(socket: str, *command: str) -> Finished:
    """One command by a tmux process of its own, which comes and goes in its turn."""
    async with turn(socket):
        return await finished(*tmux_argv(socket), *command)


async def check_version() -> str:
    """The version tmux gives itself, such as `3.3a`. Raises TmuxMissing or TmuxTooOld.

    A development build without a number counts as new enough.
    """
    version = (await finished("tmux", "-V")).output.removeprefix("tmux ")
    number = re.search(r"(\d+)\.(\d+)", version)
    if number and (int(number[1]), int(number[2])) < OLDEST:
        raise TmuxTooOld(f"tmux {version} is too old; install {OLDEST[0]}.{OLDEST[1]} or newer")
    return version


async def start_server(socket: str, session: str, argv: Sequence[str], cwd: Path) -> bool:
    """Start the server and its session with `argv` in the first window, tagged `@acc_keeper`.

    False when the session was there already; the options are set either way.
    """
    width, height = map(str, _SIZE)
    options = [word for option in _OPTIONS for word in ("set-option", *option, ";")]
    new = ("new-session", "-d", "-s", session, "-x", width, "-y", height, "--")
    program = tuple(map(argv_word, in_folder(cwd, argv)))
    tags = (
        *(";", "set-option", "-w", "-t", f"={session}:", "@acc_keeper", "1"),
        *(";", "set-option", "-w", "-t", f"={session}:", "window-size", "manual"),
    )
    async with turn(socket):
        for _ in range(_STARTS):
            done = await finished(*tmux_argv(socket), *options, *new, *program, *tags)
            if "server exited" not in done.output:
                break
            await asyncio.sleep(_START_PAUSE)
    if done.code and "duplicate session" not in done.output:
        raise TmuxError(f"tmux did not start: {done.output}; see `tmux -L {socket} list-sessions`")
    return not done.code
