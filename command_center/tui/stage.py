"""The place of the live pane, or of the welcome while there is nobody to look at."""

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.timer import Timer

from command_center.domain.model import Agent, Fleet
from command_center.tui.kit import Kit
from command_center.tui.rows import GroupRow, RunsRow
from command_center.tui.sieve import Sieve

if TYPE_CHECKING:
    from command_center.domain.runs import Run
    from command_center.drivers.glass import Glass
    from command_center.tui.deck import Deck
    from command_center.tui.pane import PaneView
    from command_center.tui.run_view import RunView
    from command_center.tui.welcome import Welcome

_TURN_S = 0.03
"""The pane follows the cursor so late, so that a held key paints lines and not screens."""


class Stage(Vertical):
    def __init__(self, glass: "Glass | None", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glass = glass
        self._pane: PaneView | None = None
        self._next: tuple[Agent | None, str] = (None, "")
        self._turning: Timer | None = None
        self._welcome: Welcome | None = None
        self._run: RunView | None = None

    def set_up(self) -> None:
        """Bring the pane in. Its modules are a tenth of the start, so they follow the paint."""
        from command_center.tui.pane import PaneView

        self._pane = PaneView(self._glass, id="pane")
        self.mount(self._pane)

    @property
    def is_typing(self) -> bool:
        return self._pane is not None and self._pane.is_typing

    @property
    def typed_into(self) -> Agent | None:
        return self._pane.agent if self._pane is not None and self._pane.is_typing else None

    @property
    def has_keyboard(self) -> bool:
        return self._pane is not None and self._pane.has_focus

    def start_typing(self) -> None:
        if self._pane is not None:
            self._turn()
            self._pane.focus_typing()

    def take_focus(self) -> None:
        if self._pane is not None:
            self._pane.focus()

    def show(self, agent: Agent | None, badge: str) -> None:
        self._next = (agent, badge)
        shown = self._pane.agent if self._pane is not None else None
        if shown is None or agent is None or shown.id == agent.id:
            self._turn()
        elif self._turning is None:
            self._turning = self.set_timer(_TURN_S, self._turn)
        if self._welcome is not None:
            self._welcome.display = agent is None

    def show_run(self, run: "Run | None", fleet: Fleet, deck: "Deck") -> None:
        """In the pane's place, while no agent is selected; None takes it away."""
        if run is not None and self._run is None and self.is_attached:
            # Plots take a tenth of a second to import, and most days have no runs.
            from command_center.tui.run_view import RunView

            self._run = RunView(deck, id="run")
            self.mount(self._run)
        if self._run is not None:
            self._run.display = run is not None
            self._run.show(run, fleet)
        if run is not None and self._welcome is not None:
            self._welcome.display = False

    def _turn(self) -> None:
        if self._turning is not None:
            self._turning.stop()
            self._turning = None
        if self._pane is not None:
            self._pane.agent, self._pane.badge = self._next
            self._pane.display = self._next[0] is not None
            self.set_class(self._pane.is_typing, "-typing")

    def greet(
        self,
        kit: Kit,
        has_agents: bool,
        sieve: Sieve,
        is_in_repo: bool,
        group: GroupRow | RunsRow | None = None,
    ) -> None:
        """Say what can be done while no agent is selected."""
        if self._welcome is None:
            if not self.is_attached:
                return
            from command_center.tui.welcome import Welcome

            self._welcome = Welcome(id="welcome")
            self.mount(self._welcome)
        self._welcome.show(kit, has_agents, sieve, is_in_repo, group)
