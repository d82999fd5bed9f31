"""The bottom line: the keys that apply now; greyed are those that do not, and pressing says why."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.style import Style

from command_center.domain.model import Agent
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.actions import ACTIONS, Action
from command_center.tui.cells import Part
from command_center.tui.chord import LEAVE_KEY_NAME
from command_center.tui.lines import PartsLine
from command_center.tui.reasons import Now

_ALWAYS_SHOWN = ("help", "quit")


class Footer(PartsLine):
    DROPS_WHOLE = True

    def show(
        self,
        now: Now,
        *,
        typed_into: Agent | None,
        is_filtering: bool = False,
        ways: Sequence[Part] = (),
        is_in_list: bool = False,
    ) -> None:
        """`typed_into` is whose pane has the keys, which may not be the selected agent's; `ways`
        stand for all others while the keys are somebody else's, or `is_in_list` what is selected
        there is no agent."""
        if ways and not is_in_list:
            self.put(ways, _way("esc", "back to the list"))
            return
        if is_filtering:
            self.put([*_way("enter", "keeps the filter"), *_way("esc", "clears it")])
            return
        if typed_into is not None:
            name = one_line(typed_into.name, 40)
            goes = (f" every other key goes to {name}", theme.PLAIN)
            self.put([(f" {LEAVE_KEY_NAME}", theme.KEY), (" leaves ·", theme.QUIET), goes])
            return
        shown = [action for action in ACTIONS if action.label]
        right = _hints([a for a in shown if a.id in _ALWAYS_SHOWN], now)
        right.append((" ", theme.PLAIN))
        if ways:
            self.put(ways, right)
            return
        others = [action for action in shown if action.id not in _ALWAYS_SHOWN]
        left = _hints(others, now)
        if _width(left) + _width(right) > self.app.size.width:
            # Without room for all, those that apply come first; help lists every one.
            others.sort(key=lambda action: action.why_not(now) is not None)
            left = _hints(others, now)
        self.put(left, right)


def _hints(actions: Iterable[Action], now: Now) -> list[Part]:
    return [part for action in actions for part in _hint(action, now)]


def _width(parts: Iterable[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def _way(key: str, label: str) -> list[Part]:
    return [(f" {key} ", theme.KEY), (f"{label} ", theme.PLAIN)]


def _hint(action: Action, now: Now) -> list[Part]:
    click = Style(meta={"@click": f"app.act('{action.id}')"})
    if action.why_not(now) is not None:
        return [(f" {action.shown} {action.label} ", theme.QUIET + click)]
    label = "show" if action.id == "hide" and now.agent and now.agent.is_hidden else action.label
    return [(f" {action.shown} ", theme.KEY + click), (f"{label} ", click)]
