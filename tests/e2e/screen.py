"""The real program in a real terminal: a window of a tmux server of its own, typed into and read.

tmux is the terminal here, so `text` is what the user sees and `stream` every byte that the
program sent to get there.
"""

import os
import re
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from command_center.drivers.tmux_turns import turn_file

ACC = str(Path(sys.executable).with_name("acc"))
PATIENCE = 60.0
"""Seconds; a loaded machine is slow, not wrong."""


class Size(NamedTuple):
    width: int
    height: int


SMALL, LARGE = Size(80, 24), Size(200, 60)


class Screen:
    """One program, from its start to `close`, which also ends the tmux server around it."""

    def __init__(
        self,
        folder: Path,
        size: Size,
        cwd: Path,
        environ: Mapping[str, str],
        before: Sequence[str] = (),
    ) -> None:
        """`folder` takes the record of what `acc` writes; `before` is what starts it, if any."""
        self._socket = f"cc-test-{secrets.token_hex(6)}"
        self._record = folder / f"{self._socket}.stream"
        self._record.touch()
        around = {name: value for name, value in environ.items() if name not in _NOT_OURS}
        self._environ = around | {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        window = ("-x", str(size.width), "-y", str(size.height), "-c", str(cwd))
        # One batch, so that the recording begins before the first byte is read.
        self.tmux(
            *("-f", os.devnull, "new-session", "-d", "-P", "-F", "#{pane_id}", *window),
            *("--", *before, ACC, ";", "set-option", "-p", "remain-on-exit", "on"),
            *(";", "pipe-pane", f"exec cat >>{shlex.quote(str(self._record))}"),
        )
        self.pane = self.panes()[0]

    def start_again(self) -> None:
        """The program anew, after its end, in the same window."""
        self.tmux("respawn-pane", "-t", self.pane)

    def close(self) -> None:
        self.tmux("kill-server", is_sure=False)
        turn_file(self._socket).with_name(self._socket).unlink(missing_ok=True)

    # The hands

    def press(self, *keys: str, pane: str = "") -> None:
        """Keys by tmux's names: `Enter`, `C-s`, `x`."""
        self.tmux("send-keys", "-t", pane or self.pane, "--", *keys)

    def type_text(self, text: str, pane: str = "") -> None:
        self.tmux("send-keys", "-l", "-t", pane or self.pane, "--", _word(text))

    def escape(self) -> None:
        """Escape in the form that no key right after it can turn into another one."""
        self.type_text("\x1b[27u")

    def click(self, text: str, times: int = 1) -> None:
        """The left button on the first place left of the panes' edge where `text` is shown."""
        rows = [row.split("│")[0] for row in self.text().split("\n")]
        y = next(y for y, row in enumerate(rows) if text in row)
        at = f"0;{rows[y].index(text) + 1};{y + 1}"
        self.type_text(f"\x1b[<{at}M\x1b[<{at}m" * times)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """The left button down at one place, column and row from 0, and up at another."""
        (x, y), (to_x, to_y) = start, end
        moved = f"\x1b[<0;{x + 1};{y + 1}M\x1b[<32;{to_x + 1};{to_y + 1}M"
        self.type_text(f"{moved}\x1b[<0;{to_x + 1};{to_y + 1}m")

    # The eyes

    def text(self, pane: str = "") -> str:
        return self.tmux("capture-pane", "-p", "-t", pane or self.pane)

    @property
    def stream(self) -> bytes:
        """Everything that the program has written so far."""
        return self._record.read_bytes()

    def panes(self) -> list[str]:
        """All of the server, ours first."""
        return self.tmux("list-panes", "-s", "-F", "#{pane_id}").split()

    def windows(self) -> int:
        return len(self.tmux("list-windows", "-F", "x").split())

    @property
    def pid(self) -> int:
        return int(self.tmux("display-message", "-p", "-t", self.pane, "#{pane_pid}"))

    @property
    def is_over(self) -> bool:
        state = self.tmux("display-message", "-p", "-t", self.pane, "#{pane_dead}")
        return state.strip() == "1"

    def until(self, holds: Callable[[str], object], pane: str = "") -> str:
        """The text for which `holds` does."""
        deadline = time.monotonic() + PATIENCE
        while not holds(text := self.text(pane)):
            assert time.monotonic() < deadline, f"not so after {PATIENCE:g} s:\n{text}"
            time.sleep(0.05)
        return text

    def until_shown(self, *texts: str, pane: str = "") -> str:
        return self.until(lambda shown: all(text in shown for text in texts), pane)

    def until_hidden(self, *texts: str) -> str:
        return self.until(lambda shown: not any(text in shown for text in texts))

    def until_row(self, name: str, *words: str) -> str:
        """The agent has a line in the fleet list that says all `words`."""
        return self.until(lambda text: all(word in row_of(text, name) for word in words or (name,)))

    def choose(self, name: str) -> None:
        """Leave only the lines of this agent, which selects it."""
        self.escape()
        self.filter(name)
        self.until_row(name, "▌")

    def filter(self, text: str) -> None:
        self.press("/")
        self.type_text(text)
        self.until_shown(f"/{text}", "enter keeps the filter")
        self.press("Enter")
        self.until_shown(f"/{text}", "n new")

    def tmux(self, *words: str, is_sure: bool = True) -> str:
        done = subprocess.run(
            ("tmux", "-u", "-L", self._socket, *words),
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not is_sure, f"tmux {words[0]}: {done.stderr}"
        return done.stdout


_NOT_OURS = ("TMUX", "TMUX_PANE", "NO_COLOR", "COLORTERM")
_ROW = re.compile(r"[▌ ][• ][●▲✗◐○◌■‖?] (?:waiting|limited|lost|busy|idle|starting|exited|parked)")


def row_of(text: str, name: str) -> str:
    """The agent's line in the fleet list; empty when it has none."""
    rows = (row.split("│")[0] for row in text.split("\n") if _ROW.match(row))
    return next((row for row in rows if name in row.split()), "")


def _word(text: str) -> str:
    # A `;` at the end of a word would end the command.
    return text[:-1] + "\\;" if text.endswith(";") else text


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not so after {PATIENCE:g} s: {what}"
        time.sleep(0.05)
