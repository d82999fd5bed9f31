"""An app that asks one thing and keeps the answer."""

from typing import Generic, TypeVar

from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Static

from command_center.tui import theme

T = TypeVar("T")
NOTHING_YET = object()


class Asking(App[None], Generic[T]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, dialog: ModalScreen[T]) -> None:
        super().__init__()
        self.register_theme(theme.THEME)
        self.theme = theme.THEME.name
        self.dialog = dialog
        self.answer: object = NOTHING_YET

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self._keep)

    def _keep(self, answer: T | None) -> None:
        self.answer = answer

    @property
    def text(self) -> str:
        """What the screen says, edges included."""
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    @property
    def said(self) -> str:
        return "\n".join(str(static.content) for static in self.screen.query(Static))
