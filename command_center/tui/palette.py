"""The command palette over the table of actions and over the agents by name."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from command_center.domain.text import one_line
from command_center.tui import themes
from command_center.tui.actions import ACTIONS, Action

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

_LEFT_OUT = ("palette", "down", "up", "first", "last", "page_down", "page_up")


NOTES = "Shared board"
NOTES_HELP = "what agents tell each other, and the paths they reserved"


class ActionProvider(Provider):
    @property
    def _center(self) -> "CommandCenter":
        return cast("CommandCenter", self.app)

    def _wear(self, theme: str) -> None:
        self._center.run_worker(themes.choose(self._center, theme), group="deeds")

    def _open_notes(self) -> None:
        from command_center.tui.dialogs.notes import NotesDialog

        center = self._center
        center.push_screen(NotesDialog(center.now.fleet, center.deck.clock))

    def _actions(self) -> Iterator[tuple[Action, str]]:
        now = self._center.now
        for action in ACTIONS:
            if action.id not in _LEFT_OUT:
                reason = action.why_not(now)
                yield action, f"not now: {reason}" if reason else f"key {action.shown}"

    async def discover(self) -> Hits:
        for action, hint in self._actions():
            run = partial(self._center.perform, action.id)
            yield DiscoveryHit(action.help, run, help=one_line(hint))
        yield DiscoveryHit(NOTES, self._open_notes, help=NOTES_HELP)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, hint in self._actions():
            if (score := matcher.match(action.help)) > 0:
                run = partial(self._center.perform, action.id)
                yield Hit(score, matcher.highlight(action.help), run, help=one_line(hint))
        if (score := matcher.match(NOTES)) > 0:
            yield Hit(score, matcher.highlight(NOTES), self._open_notes, help=NOTES_HELP)
        for name in themes.names():
            title = f"Theme {name}"
            if (score := matcher.match(title)) > 0:
                wear = partial(self._wear, name)
                yield Hit(score, matcher.highlight(title), wear, help="its colours, from now on")
        for agent in self._center.now.fleet.agents.values():
            title = f"Go to {one_line(agent.name, 40)}"
            if (score := matcher.match(title)) > 0:
                go = partial(self._center.go_to, agent.id)
                yield Hit(score, matcher.highlight(title), go, help=one_line(agent.task, 80))
