"""What deserves a toast and a bell, found by comparing two fleets."""

from collections.abc import Iterator

from msgspec import Struct

from command_center.domain.model import Agent, Fleet, Notice, State
from command_center.domain.text import one_line
from command_center.tui.cells import reason_of


class Call(Struct, frozen=True):
    """An agent calls for the user."""

    agent: str
    title: str
    text: str


def calls(before: Fleet, after: Fleet) -> Iterator[Call]:
    """One for each agent that has started to wait or has finished unseen in between."""
    for agent in after.agents.values():
        was = before.agents.get(agent.id)
        if was is agent:
            continue
        if agent.state is State.WAITING and (was is None or was.state is not State.WAITING):
            yield _call(agent, "waits for you")
        elif agent.is_unseen and was is not None and not was.is_unseen:
            yield _call(agent, _ENDINGS.get(agent.state, "has finished"))


_ENDINGS = {State.LOST: "is lost", State.EXITED: "has exited"}


def _call(agent: Agent, what: str) -> Call:
    text = reason_of(agent) or one_line(agent.task, 120)
    return Call(agent.id, f"{one_line(agent.name, 40)} {what}", text)


def new_notices(after: Fleet, seen: int) -> list[Notice]:
    """Those logged after sequence number `seen`."""
    return [notice for notice in after.notices if notice.seq > seen]


def terminal_call(text: str, *, inside_tmux: bool) -> str:
    """Bell and OSC 9 (a desktop notification where the terminal knows it)."""
    osc = f"\x1b]9;Command Center: {one_line(text, 120)}\x07"
    if inside_tmux:
        # tmux hands on what is wrapped so when its `allow-passthrough` is on, else drops it.
        osc = "\x1bPtmux;" + osc.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return "\a" + osc
