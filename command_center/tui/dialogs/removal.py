"""Removing an agent: what that means, or why it was refused. Nothing here forces it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from command_center.domain.intents import Remove
from command_center.domain.model import Agent
from command_center.domain.text import one_line
from command_center.tui.dialogs.fields import Dialog

KEPT_BY_BRANCH = "unmerged commit:"
"""How the git driver names losses that stay when the branch does."""


class RemovalDialog(Dialog[Remove]):
    """Answers with the intent, or None.

    After a refusal the only way on from here is to keep the branch, and that only when
    commits alone stand in the way; everything else is the user's to save or throw away.
    """

    DEFAULT_CSS = """
    RemovalDialog {
        & > #box { width: 76; }
        #losses { height: auto; max-height: 12; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "press('remove')", show=False),
        Binding("k", "press('keep')", show=False),
        Binding("n", "close", show=False),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def __init__(self, agent: Agent, refusal: str = "") -> None:
        """`refusal` is the supervisor's answer: the reason, then one line for each loss."""
        super().__init__()
        self._agent = agent
        self._reason, *losses = [one_line(line) for line in refusal.splitlines()] or [""]
        self._losses = [loss for loss in losses if loss]
        only_commits = all(loss.startswith(KEPT_BY_BRANCH) for loss in self._losses)
        self._can_keep = bool(self._losses) and only_commits
        if not self._reason:
            self.ways = "y removes · n keeps it"
        elif self._can_keep:
            self.ways = "k keeps the branch · esc closes"

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(f"Remove {one_line(self._agent.name, 40)}")
            yield from self._refused() if self._reason else self._asked()

    def _asked(self) -> ComposeResult:
        order = self._agent.order
        yield Static(
            f"Its pane is closed; its worktree and its branch {one_line(order.branch, 60)} go to "
            "the trash, and U brings all of it back.\n"
            "If any work would be lost, it is not removed and you are told what.",
            markup=False,
        )
        with Horizontal(id="buttons", classes="gap"):
            yield Button("Remove", id="remove", compact=True)
            yield Button("Cancel", id="cancel", compact=True)

    def _refused(self) -> ComposeResult:
        why = ": work would be lost" if self._losses else ""
        yield Static(f"Not removed{why}.", classes="problem")
        if self._losses:
            with VerticalScroll(id="losses", classes="gap"):
                yield Static("\n".join(self._losses), markup=False)
        yield Static(self._way_out(), markup=False, classes="gap")
        with Horizontal(id="buttons", classes="gap"):
            if self._can_keep:
                yield Button("Remove, keep the branch", id="keep", compact=True)
            yield Button("Close", id="cancel", compact=True)

    def _way_out(self) -> str:
        if self._can_keep:
            branch = one_line(self._agent.order.branch, 60)
            return f"These commits stay if the branch {branch} is kept."
        if self._losses:
            return "Commit and push or merge it, or discard it yourself: t opens a shell there."
        return self._reason

    def on_mount(self) -> None:
        self.query(Button).first().focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.dismiss(Remove(self._agent.id, keeps_branch=event.button.id == "keep"))

    def action_press(self, button: str) -> None:
        for found in self.query(f"#{button}").results(Button):
            found.press()
