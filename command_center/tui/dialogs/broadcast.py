"""One prompt for several agents: which ones is ticked by hand, and asked once more."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static, TextArea

from command_center.domain.intents import Send
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.specs import AgentSpec
from command_center.domain.text import one_line
from command_center.tui.dialogs.checklist import Checklist, Item
from command_center.tui.dialogs.confirm import ConfirmDialog
from command_center.tui.dialogs.fields import Dialog

_NAMED = 6
"""Agents that the question names."""


class BroadcastDialog(Dialog[list[Send]]):
    """Answers with one intent for each agent, or None. Nobody but the selected is ticked first."""

    ways = "ctrl+a ticks all that are idle · ctrl+s sends · esc closes"
    DEFAULT_CSS = """
    BroadcastDialog {
        & > #box { width: 84; }
        Checklist { max-height: 9; }
        TextArea { height: 8; }
        #outcome { width: 1fr; }
        #buttons { width: auto; }
        #foot { height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "send", show=False),
        Binding("ctrl+a", "tick_idle", show=False, priority=True),
    ]

    def __init__(
        self, fleet: Fleet, specs: Mapping[str, AgentSpec], selected: Agent | None
    ) -> None:
        super().__init__()
        self._agents = {a.id: a for a in fleet.agents.values() if _takes(a, specs)}
        self._first = selected.id if selected else ""

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "One prompt for several agents"
            yield Checklist([self._item(a, a.id == self._first) for a in self._agents.values()])
            yield TextArea(placeholder="What shall all of them be told?")
            with Horizontal(id="foot"):
                yield Static(id="outcome", markup=False)
                with Horizontal(id="buttons"):
                    yield Button("Send", compact=True)

    def _item(self, agent: Agent, is_on: bool) -> Item:
        return Item(agent.id, one_line(agent.name, 40), str(agent.state), is_on)

    def on_mount(self) -> None:
        self._show_outcome()
        self.query_one(Checklist).focus()

    @property
    def _chosen(self) -> list[Agent]:
        ticked = [item.id for item in self.query_one(Checklist).items if item.is_on]
        return [self._agents[name] for name in ticked]

    @on(Checklist.Changed)
    def _show_outcome(self) -> None:
        count = len(self._chosen)
        said = f"goes to {count} agent{'s' if count != 1 else ''}" if count else "nobody is ticked"
        self.query_one("#outcome", Static).update(said)

    def action_tick_idle(self) -> None:
        checklist = self.query_one(Checklist)
        idle = {a.id for a in self._agents.values() if a.state is State.IDLE and not a.is_hidden}
        ticked = {item.id for item in checklist.items if item.is_on} | idle
        checklist.put([self._item(a, a.id in ticked) for a in self._agents.values()])
        self._show_outcome()

    @on(Button.Pressed)
    def action_send(self) -> None:
        text, chosen = self.query_one(TextArea).text.rstrip(), self._chosen
        if not text.strip():
            self.query_one(TextArea).border_subtitle = "nothing to send yet"
        elif not chosen:
            self.app.bell()
        else:
            sends = [Send(agent.id, text) for agent in chosen]

            def decide(is_sure: bool | None) -> None:
                if is_sure:
                    self.dismiss(sends)

            self.app.push_screen(ConfirmDialog(_question(text, chosen), "Send"), decide)


def _question(text: str, chosen: list[Agent]) -> str:
    names = ", ".join(one_line(agent.name, 30) for agent in chosen[:_NAMED])
    more = f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else ""
    count = f"{len(chosen)} agents" if len(chosen) > 1 else "one agent"
    return f"Send “{one_line(text, 60)}” to {count}: {names}{more}?"


def _takes(agent: Agent, specs: Mapping[str, AgentSpec]) -> bool:
    spec = specs.get(agent.order.spec)
    return agent.has_process and (spec is None or spec.prompt.takes_prompts)
