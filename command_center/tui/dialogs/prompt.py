"""A prompt for one agent, of as many lines as it takes."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static, TextArea

from command_center.domain.model import Agent, State
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import reason_of
from command_center.tui.dialogs.fields import Dialog

_FATES = {
    State.WAITING: "it waits for an answer, so the prompt is held until that is given",
    State.LIMITED: "it is over a limit, so the prompt is held until that ends",
    State.BUSY: "it is in a turn; the prompt goes in as soon as the agent takes it",
    State.STARTING: "it is starting; the prompt goes in as soon as it is ready",
    State.UNKNOWN: "nobody knows whether it listens, so the prompt may be held",
}


class PromptDialog(Dialog[str]):
    """Answers with the text, or None."""

    ways = "ctrl+s sends · esc closes"
    DEFAULT_CSS = """
    PromptDialog {
        & > #box { width: 84; }
        TextArea { height: 10; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s,ctrl+enter", "send", show=False)]

    def __init__(self, agent: Agent) -> None:
        super().__init__()
        self._agent = agent

    def compose(self) -> ComposeResult:
        agent = self._agent
        with Vertical(id="box") as box:
            box.border_title = Content(f"Prompt for {one_line(agent.name, 40)}")
            yield Static(_state_line(agent), markup=False)
            yield TextArea()
            with Horizontal(id="buttons"):
                yield Button("Send", compact=True)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(Button.Pressed)
    def action_send(self) -> None:
        text = self.query_one(TextArea).text.rstrip()
        if text.strip():
            self.dismiss(text)
        else:
            self.query_one(TextArea).border_subtitle = "nothing to send yet"


def _state_line(agent: Agent) -> str:
    why = reason_of(agent)
    state = f"{theme.LOOKS[agent.state].glyph} {agent.state}{f': {why}' if why else ''}"
    fate = _FATES.get(agent.state, "the prompt is typed at once")
    return f"{state}\n{fate}"
