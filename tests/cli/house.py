"""A home with a real log and inbox, as a supervisor would have left them."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.testing import CliRunner, Result

from command_center.cli.main import main
from command_center.domain import events as ev, intents
from command_center.domain.intents import Intent
from command_center.domain.model import Claim, Order, Repo, Source, State
from command_center.domain.places import Places
from command_center.store.inbox import Inbox
from command_center.store.lock import SupervisorLock
from command_center.store.log import EventLog

NOW = 1_700_000_000.0

Reply = Callable[[str, Intent], Iterable[ev.Event]]
"""What a supervisor logs for an intent with this id."""


class House:
    """Holds the supervisor's lock, so that no command starts one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.places = Places.of({"COMMAND_CENTER_HOME": str(home)}, home)
        self.inbox = Inbox(self.places.inbox)
        self.lock = SupervisorLock(self.places.lock)
        assert self.lock.acquire()

    def write(self, *events: ev.Event, at: float = NOW) -> None:
        log = EventLog(self.places.log)
        log.append(*events, at=at)
        log.close()

    def add_agent(
        self, name: str, *, prompt: str = "", pane: str = "%9", tail: str = "1a2b"
    ) -> str:
        """Id of a running agent without a state."""
        identity, launch = f"{name}-{tail}", f"{name}-launch"
        repo = Repo("r1", "project", str(self.home / "project"), "")
        order = Order("demo", "r1", f"agents/{name}", "HEAD", f"{self.home}/w/{name}", prompt)
        self.write(
            ev.RepositoryAdded(repo),
            ev.LaunchIntended(identity, name, launch, order, prompt="p1" if prompt else ""),
            ev.WorktreeAdded(identity, "c0ffee"),
            ev.PaneOpened(identity, launch, pane),
        )
        return identity

    def say(self, name: str, state: State, reason: str = "", source: Source = Source.OSC) -> None:
        claim = Claim(source, state, NOW, reason, evidence=f"{source} said {state}")
        self.write(ev.StateClaimed(f"{name}-1a2b", f"{name}-launch", claim))

    def run(self, *words: str, stdin: str | bytes = "") -> Result:
        # In colour, or click would take out the very sequences that some tests look for.
        result = CliRunner().invoke(main, list(words), input=stdin, color=True)
        unexpected = result.exception is not None and not isinstance(result.exception, SystemExit)
        assert not unexpected, result.output
        return result

    def rows(self, *words: str) -> list[dict[str, object]]:
        """The objects a command prints with --json."""
        return [json.loads(line) for line in self.run(*words, "--json").stdout.splitlines()]

    def intents(self) -> list[Intent]:
        """What lies in the inbox, oldest first."""
        return [intents.decode(file.read_bytes()).intent for file in self.inbox.waiting()]


class Supervising:
    """Answers every intent from a thread as `reply` says, while entered."""

    def __init__(self, house: House, reply: Reply) -> None:
        self._house = house
        self._reply = reply
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.taken: list[Intent] = []

    def __enter__(self) -> "Supervising":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._leave.set()
        self._thread.join()

    def _serve(self) -> None:
        log = EventLog(self._house.places.log)
        while not self._leave.is_set():
            for file in self._house.inbox.waiting():
                envelope = intents.decode(file.read_bytes())
                self.taken.append(envelope.intent)
                log.append(*self._reply(envelope.id, envelope.intent), at=NOW)
                self._house.inbox.take_out(file)
            self._leave.wait(0.01)
        log.close()


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so after {seconds} s: {what}"
        time.sleep(0.02)


def every_command() -> dict[str, click.Command]:
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}
