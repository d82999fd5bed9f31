"""Real panes for tests: programs in windows of a private tmux server, and waits with a deadline."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from command_center.drivers.tmux import PaneInfo, Panes, TmuxServer

DEADLINE = 30.0
BRACKETED = b"\x1b[?2004h"

# tmux drops what a program printed right before its end.
_LINGER = """
import atexit, sys, time
atexit.register(time.sleep, 0.3)
atexit.register(sys.stdout.flush)
"""
_RECORD_INPUT = Path(__file__).with_name("record_input.py")


async def until(is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not await is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        await asyncio.sleep(0.02)


def tmux(socket: str, *words: str) -> str:
    """What tmux prints, errors included, asked by a process of its own."""
    done = subprocess.run(
        ("tmux", "-u", "-L", socket, *words), capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip()


async def pane_info(server: TmuxServer, pane: str) -> PaneInfo:
    seen = await server.panes()
    assert isinstance(seen, Panes)
    [info] = [info for info in seen.panes if info.pane_id == pane]
    return info


def shown(server: TmuxServer, pane: str, text: str) -> str:
    """What tmux makes of the format `text` for the pane."""
    return tmux(server.socket, "display-message", "-p", "-t", pane, text)


async def python_pane(server: TmuxServer, folder: Path, code: str, *words: str) -> str:
    """A window running `code`, which stays for a moment at its end; its pane."""
    argv = (sys.executable, "-S", "-E", "-c", _LINGER + code, *words)
    window = await server.new_window("test", argv, cwd=folder, size=(80, 24))
    return window.pane_id


async def until_shown(server: TmuxServer, pane: str, text: str) -> None:
    async def is_shown() -> bool:
        captured = await server.capture([pane])
        return text in "\n".join(captured[pane])

    await until(is_shown, f"{pane} shows {text!r}")


async def until_dead(server: TmuxServer, pane: str) -> PaneInfo:
    async def is_reaped() -> bool:
        info = await pane_info(server, pane)
        return info.is_dead and info.is_reaped

    await until(is_reaped, f"{pane} is dead")
    return await pane_info(server, pane)


@dataclass(frozen=True)
class Recorder:
    """A pane whose program records every byte typed into it."""

    pane: str
    file: Path

    @classmethod
    async def started(cls, server: TmuxServer, folder: Path, prelude: bytes = b"") -> "Recorder":
        file = folder / "typed"
        argv = (sys.executable, "-S", "-E", str(_RECORD_INPUT), str(file), prelude.hex())
        window = await server.new_window("recorder", argv, cwd=folder, size=(80, 24))
        await until_shown(server, window.pane_id, "READY")
        return cls(window.pane_id, file)

    async def until_typed(self, expected: bytes) -> None:
        """Wait for as many bytes as `expected` has, then compare them all."""

        async def is_enough() -> bool:
            return self.file.stat().st_size >= len(expected)

        try:
            await until(is_enough, "all bytes arrived")
        finally:
            typed = self.file.read_bytes()
            assert typed[:2000] == expected[:2000]
        assert typed == expected
