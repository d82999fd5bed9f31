"""The dashboard: it follows the log, shows the fleet and drops intents. It decides nothing."""

import asyncio
import gc
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message

from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.model import Agent, Fleet
from command_center.tui import styles, theme
from command_center.tui.actions import ACTION_OF_KEY, ACTIONS, BY_ID, Now
from command_center.tui.crier import Crier
from command_center.tui.deck import Deck
from command_center.tui.fleet_list import FleetList
from command_center.tui.footer import Footer
from command_center.tui.gaze import Gaze
from command_center.tui.header import Header
from command_center.tui.kit import Kit, inspected
from command_center.tui.side import Side
from command_center.tui.stage import Stage
from command_center.tui.supervision import Health, Supervision
from command_center.tui.vitals import Vitals

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.deeds import Deeds

_WIDE = 120
"""Columns from which the pane stands beside the list."""
_DIALOG_LOOKS, _LOOK_S = 500, 0.002
"""How often, and how far apart, to look whether an action's dialog stands."""
_POLL_S = 0.1
_TICK_S = 1.0
_SPENT_TICKS = 5


class FleetChanged(Message):
    """The newest fleet; any older one still queued is dropped."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__()
        self.fleet = fleet

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FleetChanged)


# No inherited bindings: ctrl+q would be a priority binding and take the key from an agent.
class CommandCenter(App[None], inherit_bindings=False):
    """`deck` is everything it needs from outside. Agents go on when it ends."""

    TITLE = "Command Center"
    CSS = styles.CSS
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [b for action in ACTIONS for b in action.bindings]

    def __init__(self, deck: Deck) -> None:
        # Said here, because NO_COLOR is looked at before there is a theme to ask.
        super().__init__(ansi_color=True)
        self.register_theme(theme.THEME)
        self.theme = theme.THEME.name
        self.deck = deck
        self.fleet = Fleet()
        self.kit = Kit()
        self.kit_known = asyncio.Event()
        self.crier = Crier(self)
        self._supervision = Supervision(deck.places.lock, deck.start_supervisor)
        self._log_problem = ""
        self._vitals = Vitals()
        self._gaze = Gaze()
        self._ticks = 0
        self._spent = ""
        self._moves = self._move_table()

    def compose(self) -> ComposeResult:
        yield Header(id="header")
        with Container(id="body"):
            yield Side(id="side")
            yield Stage(self.deck.glass, id="stage")
        yield Footer(id="footer")

    def on_mount(self) -> None:
        # Textual turns to the right layout only after the first paint.
        self.screen.set_class(self.size.width >= _WIDE, "-wide")
        self._side = self.query_one(Side)
        self._list = self._side.fleet_list
        self._header = self.query_one(Header)
        self._footer = self.query_one(Footer)
        self._stage = self.query_one(Stage)
        self._list.focus()
        if (fleet := self._news()) is not None:
            self._take_fleet(FleetChanged(fleet))
        self._redraw()
        self.screen.call_after_refresh(self._start)

    def _start(self) -> None:
        """All that can wait until the first paint."""
        if not self._stage.is_attached:
            # Left already.
            return
        # What stands now stays; a start without collections is a tenth quicker.
        gc.freeze()
        gc.enable()
        self._stage.set_up()
        self._redraw()
        self.set_interval(_POLL_S, self._poll)
        self.set_interval(_TICK_S, self._tick)
        self.run_worker(self._supervision.watch(), group="supervision")
        self.run_worker(self._inspect_kit(), group="kit")

    def _move_table(self) -> dict[str, Callable[[], object]]:
        """The actions that only move about in what is shown."""
        return {
            "type": lambda: self._stage.start_typing(),
            "jump": lambda: self._list.select_next_needing(),
            "down": lambda: self._list.move(1),
            "up": lambda: self._list.move(-1),
            "first": lambda: self._list.move(-self._list.line_count),
            "last": lambda: self._list.move(self._list.line_count),
            "page_down": lambda: self._list.move(self._list.page),
            "page_up": lambda: self._list.move(-self._list.page),
            "zoom": lambda: self._zoom(not self.screen.has_class("-zoomed")),
            "hidden": lambda: self._list.toggle_hidden(),
            "filter": lambda: self._side.open_filter(),
            "next_repo": lambda: self._side.turn_repo(self.fleet, 1),
            "last_repo": lambda: self._side.turn_repo(self.fleet, -1),
            "clear": self._clear,
            "vitals": self._vitals.toggle,
            "quit": self.exit,
        }

    @cached_property
    def _deeds(self) -> "Deeds":
        from command_center.tui.deeds import Deeds

        return Deeds(self)

    # What others may ask

    @property
    def selected(self) -> Agent | None:
        return self._list.selected

    @property
    def now(self) -> Now:
        has_glass = self.deck.glass is not None
        return Now(self.fleet, self.selected, self._list.sieve, has_glass, self.kit.specs)

    async def on_event(self, event: events.Event) -> None:
        """Keys of the list act here, one by one.

        Textual hands a key to the focused widget and looks at the next; text typed ahead of
        what a key opens would then be keys too, and stop or remove agents.
        """
        key = event.key if isinstance(event, events.Key) and self.app_focus else ""
        if key in ACTION_OF_KEY and isinstance(self.focused, FleetList):
            await self.action_act(ACTION_OF_KEY[key])
        else:
            await super().on_event(event)

    async def action_act(self, action: str) -> None:
        """Returns when the action is over or its dialog stands, so that the next key is its."""
        depth = len(self.screen_stack)
        worker = self.perform(action)
        for _ in range(_DIALOG_LOOKS):
            if worker is None or worker.is_finished or len(self.screen_stack) != depth:
                return
            await asyncio.sleep(_LOOK_S)

    def perform(self, action: str) -> "Worker[None] | None":
        """Do the action with this id, or say why it does not apply."""
        reason = BY_ID[action].why_not(self.now)
        if reason is not None:
            self.crier.warn(reason, seconds=3)
        elif action in self._moves:
            self._moves[action]()
            self._redraw()
        else:
            return self.run_worker(self._deeds.by_id[action](), group="deeds")
        return None

    def go_to(self, agent: str) -> None:
        self._list.select(agent)

    def show_launched(self, agent: str) -> None:
        """Go to an agent of the user's own making, unless they are typing by now."""
        if not (self._stage.is_typing or self._side.is_filtering or len(self.screen_stack) > 1):
            self.go_to(agent)

    def write_terminal(self, sequence: str) -> None:
        """Past the screen, straight to the terminal: for a bell or a desktop notification."""
        if self._driver is not None:
            self._driver.write(sequence)

    # Following the log

    def _poll(self) -> None:
        if (fleet := self._news()) is not None:
            self.post_message(FleetChanged(fleet))

    def _news(self) -> Fleet | None:
        try:
            fleet = self.deck.view.poll()
        except LogTooNew as error:
            self.exit(return_code=1, message=str(error))
            return None
        except LogError as error:
            self._log_problem = str(error)
            self._redraw()
            return None
        self._log_problem = ""
        return fleet

    @on(FleetChanged)
    def _take_fleet(self, message: FleetChanged) -> None:
        before, self.fleet = self.fleet, message.fleet
        self._show_fleet()
        self.crier.cry(before, self.fleet, self._watched())
        if before.seq:
            self._deeds.take_answers(self.fleet.answers)

    def _watched(self) -> Agent | None:
        """The agent whose screen the user has before the eyes."""
        is_there = self.app_focus and len(self.screen_stack) == 1
        return self.selected if is_there else None

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % 2 == 0:
            self._vitals.measure()
        if self._ticks % _SPENT_TICKS == 1:
            self.run_worker(self._add_up(), group="spent")
        agent = self._watched()
        if self._gaze.rest(agent) and agent is not None:
            self.run_worker(self._deeds.mark_seen(agent), group="deeds")
        self._show_fleet()

    def _show_fleet(self) -> None:
        self._list.show(self.fleet, self.deck.clock(), specs=self.kit.specs)
        self._redraw()

    def _redraw(self) -> None:
        """Hand everybody around the list the newest values; equal ones repaint nothing."""
        agent = self.selected
        # Not a class of the screen, or every widget would be styled anew.
        self._side.set_class(not self.fleet.agents, "-new")
        spec = self.kit.specs.get(agent.order.spec) if agent else None
        self._stage.show(agent, spec.badge if spec else "")
        if agent is None:
            is_in_repo = self.deck.repo_root is not None
            self._stage.greet(self.kit, bool(self.fleet.agents), self._list.sieve, is_in_repo)
        health = self._supervision.health
        if self._log_problem:
            health = Health(self._log_problem, is_problem=True)
        self._header.show(self.fleet, self._list.sieve, health, self._vitals.text, self._spent)
        self._footer.show(
            self.now, is_typing=self._stage.is_typing, is_filtering=self._side.is_filtering
        )

    async def _add_up(self) -> None:
        try:
            self._spent = await asyncio.to_thread(self.deck.spent_today, self.fleet)
        except LogError:
            # The supervisor has a notice about it, and `acc usage` says it.
            self._spent = ""

    async def _inspect_kit(self) -> None:
        deck = self.deck
        self.kit = await asyncio.to_thread(lambda: inspected(deck.catalog(deck.repo_root)))
        self.kit_known.set()
        self._show_fleet()

    # Selection, typing and zoom

    @on(FleetList.Selected)
    @on(FleetList.Sifted)
    def _show_selected(self) -> None:
        self._redraw()

    def on_pane_view_typing_started(self) -> None:
        self._redraw()

    def on_pane_view_typing_ended(self) -> None:
        if self._stage.has_keyboard:
            self._list.focus()
        self._redraw()

    @on(FleetList.Opened)
    def _type_into_opened(self) -> None:
        self.perform("type")

    def _zoom(self, is_zoomed: bool) -> None:
        self.screen.set_class(is_zoomed, "-zoomed")
        if is_zoomed:
            self._stage.take_focus()
        else:
            self._side.take_focus()

    def _clear(self) -> None:
        self._zoom(False)
        self._side.clear_filter()
