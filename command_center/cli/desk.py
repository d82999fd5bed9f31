"""What most commands need: the newest fleet, an agent by its name, an answer to a request."""

import time
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from types import TracebackType
from typing import TypeVar

import click

from command_center.cli.here import own_places
from command_center.cli.start import ensure_supervisor
from command_center.domain.errors import NotFound, SupervisorUnreachable
from command_center.domain.intents import Intent
from command_center.domain.model import Agent, Answer, Fleet
from command_center.domain.text import one_line
from command_center.store.inbox import Inbox, send
from command_center.store.lock import supervisor_pid
from command_center.store.view import View

POLL = 0.05
"""Seconds between two looks at the log."""

T = TypeVar("T")


class Desk:
    """Reads the log and writes the inbox. Use with `with`: it owns a connection."""

    def __init__(self) -> None:
        self.places = own_places()
        self.view = View(self.places.log)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.view.close()

    @property
    def fleet(self) -> Fleet:
        self.view.poll()
        return self.view.fleet

    def agent(self, name: str) -> Agent:
        return pick(self.fleet.agents.values(), name)

    def say_if_stale(self) -> None:
        """Tells on stderr that nobody keeps the log up to date."""
        fleet = self.fleet
        if (fleet.agents or fleet.tasks) and not supervisor_pid(self.places.lock):
            click.echo("acc: no supervisor is running; this is what the last one knew", err=True)

    def ask(self, intents: Iterable[Intent]) -> list[str]:
        """The ids under which the answers will stand; starts the supervisor if need be."""
        ensure_supervisor(self.places)
        inbox = Inbox(self.places.inbox)
        return [send(inbox, intent, "cli") for intent in intents]

    def answers(self, asked: Sequence[str], timeout: float) -> list[Answer]:
        """In the order asked. Raises SupervisorUnreachable after `timeout` seconds."""

        def all_answered() -> list[Answer] | None:
            known = self.fleet.answers
            return [known[i] for i in asked] if all(i in known for i in asked) else None

        if (found := wait_until(all_answered, timeout)) is not None:
            return found
        missing = sum(i not in self.fleet.answers for i in asked)
        raise SupervisorUnreachable(
            f"{missing} of {len(asked)} requests had no answer after {timeout:g} s; they stay in "
            "the inbox and will be carried out; see `acc list` and `acc doctor`"
        )


def wait_until(ready: Callable[[], T | None], timeout: float) -> T | None:
    """The first result that is not None, or None after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while (found := ready()) is None and time.monotonic() < deadline:
        time.sleep(POLL)
    return found


def pick(agents: Iterable[Agent], name: str) -> Agent:
    """The agent with this id, this name, or the only one whose name begins so.

    Raises NotFound with what the user may have meant.
    """
    among = list(agents)
    exact = [a for a in among if name in (a.id, a.name)]
    begun = [a for a in among if name and a.name.startswith(name)]
    if exact or len(begun) == 1:
        return (exact or begun)[0]
    shown = one_line(name, 60)
    if begun:
        raise NotFound(f"'{shown}' fits {', '.join(sorted(a.name for a in begun))}; say which")
    raise NotFound(f"no agent '{shown}'{near_names(name, [a.name for a in among])}")


def near_names(name: str, known: Sequence[str], there_are: str = "see `acc list`") -> str:
    """The end of a message about a name that nothing has."""
    near = get_close_matches(name, known, 3)
    return f"; did you mean {' or '.join(near)}?" if near else f"; {there_are}"
