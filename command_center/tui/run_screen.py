"""The screen of one run."""

from functools import partial
from typing import TYPE_CHECKING

from rich.style import Style
from textual.app import ComposeResult

from command_center.domain.model import Fleet
from command_center.tui import theme
from command_center.tui.figures import Part
from command_center.tui.following import Following, KeyDeed
from command_center.tui.lines import PartsLine
from command_center.tui.run_actions import RUN_ACTIONS, ways
from command_center.tui.run_cells import titled
from command_center.tui.run_view import RunView

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.run_deeds import RunDeeds


class RunScreen(Following):
    def __init__(self, app: "CommandCenter", deeds: "RunDeeds", run: str) -> None:
        super().__init__()
        self._center = app
        self._deeds = deeds
        self._run_id = run
        self._head = PartsLine(id="run-head")
        self._view = RunView(app.deck)
        self._ways = Ways(id="run-ways")
        self.keys = self._all_keys()

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._view
        yield self._ways

    def on_mount(self) -> None:
        self.take_fleet(self._center.fleet)

    def take_fleet(self, fleet: Fleet) -> None:
        run = fleet.runs.get(self._run_id)
        if run is None or not self.is_mounted:
            return
        head: list[Part] = [(f" Run {run.id}", theme.BRAND), (f"  {titled(run)}", theme.STRONG)]
        self._head.put(head)
        self._view.show(run, fleet)
        hints = ways(run, fleet, "screen.act", but="details")
        self._ways.put(hints, _hints())

    def _all_keys(self) -> dict[str, KeyDeed]:
        view = self._view
        acts = {each.key: partial(self._perform, each.id) for each in RUN_ACTIONS[1:]}
        return {
            **acts,
            **dict.fromkeys(("escape", "q", "enter"), self.action_close),
            **dict.fromkeys(("l", "right"), partial(view.turn, 1)),
            **dict.fromkeys(("h", "left"), partial(view.turn, -1)),
            **dict.fromkeys(("j", "down"), partial(view.scroll_facts, 1)),
            **dict.fromkeys(("k", "up"), partial(view.scroll_facts, -1)),
            "pagedown": partial(view.scroll_log, 5),
            "pageup": partial(view.scroll_log, -5),
        }

    def _perform(self, action: str) -> "Worker[None] | None":
        return self._deeds.perform(action, [self._run_id])

    def action_act(self, key: str) -> None:
        """As if the key had been pressed."""
        self.keys[key]()

    def action_close(self) -> None:
        self.dismiss(None)


class Ways(PartsLine):
    DROPS_WHOLE = True


def _hints() -> list[Part]:
    parts: list[Part] = []
    for key, shown, label in (("right", "← →", "metric"), ("escape", "esc", "back")):
        click = Style(meta={"@click": f"screen.act('{key}')"})
        parts += [(f" {shown} ", theme.KEY + click), (f"{label} ", click)]
    return parts
