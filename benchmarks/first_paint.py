"""How soon the dashboard stands, follows a key and shows an event, in a real terminal.

Run: python -m benchmarks.first_paint [rounds]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal
from command_center.domain import events as ev
from command_center.domain.model import Claim, Diff, Order, Repo, Source, State
from command_center.domain.places import Places
from command_center.drivers.tmux import SESSION
from command_center.drivers.tmux_turns import turn_file
from command_center.store.lock import SupervisorLock
from command_center.store.log import EventLog

AGENTS = 50
MANY = 1_000_000
UPDATES_PER_SECOND = 10
KEYS = 40
EVENTS = 20

MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("MARK-" + "ER")
Minimal().run()
"""
OURS = "from command_center.cli.entry import main; main()"
CURSOR = "▌".encode()


_XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


class Home:
    """A command center of its own with a fleet in its log, and the lock held as by a supervisor."""

    def __init__(self, folder: Path) -> None:
        socket = f"cc-bench-{os.urandom(4).hex()}"
        self.environ = {**os.environ, "HOME": str(folder), "COMMAND_CENTER_SOCKET": socket}
        for name in ("TMUX", "COMMAND_CENTER_HOME", *_XDG):
            self.environ.pop(name, None)
        self.places = Places.of(self.environ, folder)
        self.log = EventLog(self.places.log)
        self._tmux("new-session", "-d", "-s", SESSION, "sleep", "100000")
        self._lock = SupervisorLock(self.places.lock)
        if not self._lock.acquire():
            raise RuntimeError(f"{self.places.lock}: held by somebody")
        self.log.append(ev.RepositoryAdded(Repo("r", "shop", "/r", "/r/.git")), at=time.time())
        for number in range(AGENTS):
            self.launch(f"agent{number:02}")

    def _tmux(self, *words: str) -> None:
        tmux = ("tmux", "-f", os.devnull, "-L", self.places.socket)
        subprocess.run((*tmux, *words), check=True)

    def launch(self, name: str) -> None:
        order = Order("demo", "r", f"agents/{name}", "HEAD", f"/t/{name}", prompt=f"Fix {name}")
        self.log.append(
            ev.LaunchIntended(name, name, f"{name}-1", order),
            ev.WorktreeAdded(name, "0" * 40),
            ev.PaneOpened(name, f"{name}-1", "%0"),
            at=time.time(),
        )
        self.say(name, State.BUSY)

    def say(self, name: str, state: State, reason: str = "") -> None:
        now = time.time()
        claim = Claim(Source.PUBLISHED, state, now, reason)
        self.log.append(ev.StateClaimed(name, f"{name}-1", claim), at=now)

    def measure(self, number: int) -> None:
        """One update of an agent that is on the screen but not under the cursor."""
        diff = Diff(number, number % 7, 1)
        self.log.append(ev.DiffMeasured(f"agent{5 + number % 40:02}", diff), at=time.time())

    def grow(self, count: int) -> None:
        """Bring the log to at least `count` events and keep a snapshot of its end."""
        db, fleet = self.log._db, self.log.load()
        columns = "at, kind, agent, version, body"
        while (last := db.execute("SELECT max(seq) FROM event").fetchone()[0]) < count:
            # Measuring the same once more leaves the fleet as it is.
            same = f"SELECT {columns} FROM event WHERE kind = 'DiffMeasured' LIMIT {count - last}"
            db.execute(f"INSERT INTO event ({columns}) {same}")
        self.log.save_snapshot(replace(fleet, seq=last))

    def close(self) -> None:
        self._tmux("kill-server")
        turns = turn_file(self.places.socket)
        for left in (turns, turns.with_name(self.places.socket)):
            left.unlink(missing_ok=True)
        self._lock.release()
        self.log.close()


@contextmanager
def home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        made = Home(Path(folder))
        try:
            yield made
        finally:
            made.close()


def first_paint(code: str, mark: bytes, environ: Mapping[str, str]) -> float:
    terminal = Terminal([sys.executable, "-c", code], environ)
    try:
        terminal.until(mark)
        return (time.perf_counter() - terminal.started) * 1e3
    finally:
        terminal.close()


def starts(rounds: int) -> list[Row]:
    """Taken in turns, so that a busy moment of the machine meets all of them."""
    minimal, ours, many = [], [], []
    with home() as small, home() as large:
        for number in range(300):
            large.measure(number)
        large.grow(MANY)
        for _ in range(rounds):
            minimal.append(first_paint(MINIMAL, b"MARK-ER", small.environ))
            ours.append(first_paint(OURS, b"agent00", small.environ))
            many.append(first_paint(OURS, b"agent00", large.environ))
    return [_paint_row(min(minimal), min(ours)), _many_row(min(ours), min(many))]


def _paint_row(minimal: float, ours: float) -> Row:
    ratio = ours / minimal
    name = f"first paint, {AGENTS} agents / minimal Textual app"
    shown = (f"{ours:.0f} ms", f"{minimal:.0f} ms", f"{ratio:.2f}")
    return row(name, *shown, "<= 1.35", ratio <= 1.35)


def _many_row(few: float, many: float) -> Row:
    name = f"first paint, {MANY:,} events in the log / {AGENTS * 4}"
    shown = (f"{many:.0f} ms", f"{few:.0f} ms", f"{many - few:+.0f} ms")
    return row(name, *shown, "<= +50 ms", many - few <= 50)


@contextmanager
def updates(made: Home) -> Iterator[None]:
    """Changes one agent after the other, UPDATES_PER_SECOND in all."""
    over = threading.Event()

    def work() -> None:
        # sqlite3 connections belong to one thread.
        made.log = EventLog(made.places.log)
        number = 0
        while not over.wait(1 / UPDATES_PER_SECOND):
            number += 1
            made.measure(number)
        made.log.close()

    mine, thread = made.log, threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        made.log = mine


def reactions() -> list[Row]:
    with home() as made:
        terminal = Terminal([sys.executable, "-c", OURS], made.environ)
        try:
            terminal.until(b"agent00")
            terminal.drain(3)
            with updates(made):
                keys = []
                for number in range(KEYS):
                    terminal.drain(0.13 + number % 5 / 20)
                    keys.append(terminal.press(b"jk"[number % 2 :][:1], CURSOR))
            seen = []
            for number in range(EVENTS):
                terminal.drain(0.11 + number % 7 / 30)
                made.say("agent01", State.BUSY, f"phase{number:03}")
                seen.append(terminal.until(f"phase{number:03}".encode()))
        finally:
            terminal.close()
    return [_key_row(keys), _event_row(seen)]


def _key_row(keys: list[float]) -> Row:
    median, late = statistics.median(keys), p95(keys)
    name = f"key to paint at {UPDATES_PER_SECOND} updates/s, median / p95"
    is_quick = median <= 10 and late <= 60
    return row(name, f"{median:.1f} / {late:.1f} ms", "-", "-", "<= 10 / 60 ms", is_quick)


def _event_row(seen: list[float]) -> Row:
    late = p95(seen)
    return row("event to screen, p95", f"{late:.0f} ms", "-", "-", "<= 250 ms", late <= 250)


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95) - 1]


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    finish("Dashboard", [*starts(rounds), *reactions()])
