"""The dashboard: it follows the log, shows the fleet and drops intents. It decides nothing."""

import asyncio
import gc
import os
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from command_center.domain.layouts import Layout
from command_center.domain.model import Agent, Fleet
from command_center.tui.actions import ACTIONS, BY_ID
from command_center.tui.around import Around
from command_center.tui.body import Body
from command_center.tui.columns import chosen
from command_center.tui.crier import Crier
from command_center.tui.deck import Deck
from command_center.tui.dressed import Dressed
from command_center.tui.fleet_list import FleetList
from command_center.tui.following import Following
from command_center.tui.keyboard import Keyboard
from command_center.tui.kit import Kit, inspected
from command_center.tui.machine_watch import MachineWatch
from command_center.tui.meters import Meters
from command_center.tui.moves import Moves
from command_center.tui.news import FleetChanged
from command_center.tui.pulse import Pulse
from command_center.tui.reasons import Now
from command_center.tui.run_watch import RunWatch
from command_center.tui.supervision import Health, Supervision
from command_center.tui.vitals import Vitals

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.board import TaskBoard
    from command_center.tui.deeds import Deeds
    from command_center.tui.side import Side
    from command_center.tui.stage import Stage
    from command_center.tui.wall import Wall


class CommandCenter(Dressed, inherit_bindings=False):
    """`deck` is everything it needs from outside. Agents go on when it ends."""

    BINDINGS: ClassVar[list[BindingType]] = [b for action in ACTIONS for b in action.bindings]

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.fleet = Fleet()
        self.kit = Kit()
        self.kit_known = asyncio.Event()
        self.crier = Crier(self)
        self._supervision = Supervision(deck.places.lock, deck.start_supervisor)
        self.meters = Meters(deck)
        self.columns = deck.columns
        """Of the list, as the user last chose them; a layout may have its own."""
        self.vitals = Vitals()
        self.body = Body(deck.glass, id="body")
        self._around = Around(self)
        self.moves = Moves(self)
        self._keyboard = Keyboard(self)
        self.pulse = Pulse(self)
        self.runs = RunWatch(self)
        self.machine = MachineWatch(self)

    def compose(self) -> ComposeResult:
        yield self._around.header
        yield self.body
        yield self._around.footer

    def on_mount(self) -> None:
        self._take_layout(self.deck.layout)
        if (fleet := self.pulse.newest()) is not None:
            self._take_fleet(FleetChanged(fleet))
        self.redraw()
        self.screen.call_after_refresh(self._start)

    def _start(self) -> None:
        """All that can wait until the first paint."""
        if not self.stage.is_attached:
            # Left already.
            return
        # What stands now stays; a start without collections is a tenth quicker.
        gc.freeze()
        gc.enable()
        self.stage.set_up()
        self.redraw()
        self.pulse.start()
        if not self.is_replay:
            self.run_worker(self._supervision.watch(), group="supervision")
        self.run_worker(self._inspect_kit(), group="kit")
        if os.environ.get("TMUX"):
            self.run_worker(self.deeds.doors.follow(), group="doors")

    @cached_property
    def deeds(self) -> "Deeds":
        from command_center.tui.deeds import Deeds

        return Deeds(self)

    # What others may ask

    @property
    def is_replay(self) -> bool:
        """Whether what is shown has long happened, so that nothing can be asked for."""
        return self.deck.inbox is None

    @property
    def side(self) -> "Side":
        return self.body.side

    @property
    def fleet_list(self) -> FleetList:
        return self.body.side.fleet_list

    @property
    def stage(self) -> "Stage":
        return self.body.stage

    @property
    def selected(self) -> Agent | None:
        return self.fleet_list.selected

    @property
    def typed_into(self) -> Agent | None:
        """Whose pane the keys go into."""
        wall = self.body.wall
        return self.stage.typed_into or (wall.typed_into if wall is not None else None)

    @property
    def is_typing(self) -> bool:
        return self.typed_into is not None

    @property
    def has_board_focus(self) -> bool:
        """Whether the keys are those of the task board in the layout."""
        return self.focused is not None and self.focused.id == "board"

    @property
    def now(self) -> Now:
        has_glass = self.deck.glass is not None
        parts = frozenset(self.body.shown.parts)
        sieve = self.fleet_list.sieve
        around = self.fleet_list.group_around
        group = around.key if around else ""
        specs = self.kit.specs
        return Now(self.fleet, self.selected, sieve, has_glass, specs, parts, group, self.is_replay)

    def show_layout(self, layout: Layout) -> None:
        self._take_layout(layout)
        self.show_fleet()

    def _take_layout(self, layout: Layout) -> None:
        self.body.rearrange(layout)
        sieve = self.fleet_list.sieve
        self.fleet_list.sieve = replace(sieve, group=layout.group, shows_hidden=layout.shows_hidden)
        self.fleet_list.columns = chosen(layout.columns or self.columns)
        self.moves.take_focus()

    async def on_event(self, event: events.Event) -> None:
        key = event.key if isinstance(event, events.Key) and self.app_focus else ""
        if not (key and await self._keyboard.take(key)):
            await super().on_event(event)

    async def action_act(self, action: str, key: str = "") -> None:
        await self._keyboard.act(action, key)

    def perform(self, action: str, key: str = "") -> "Worker[None] | None":
        """Do the action with this id, or say why it does not apply."""
        reason = BY_ID[action].why_not(self.now)
        if action == "type" and (run := self.fleet_list.selected_run) is not None:
            return self.deeds.runs.perform("details", [run.id])
        if reason is not None:
            self.crier.warn(reason, seconds=3)
        elif action in self.moves.by_id:
            self.moves.by_id[action](key)
            self.redraw()
        else:
            return self.run_worker(self.deeds.by_id[action](), group="deeds")
        return None

    def go_to(self, agent: str) -> None:
        self.fleet_list.select(agent)
        # At once, or what is typed next would go to the agent selected before.
        self.redraw()

    def show_out(self, agents: frozenset[str]) -> None:
        """These have their screens open in the tmux around us."""
        self.fleet_list.mark_out(agents)

    def show_launched(self, agent: str) -> None:
        """Go to an agent of the user's own making, unless they are typing by now."""
        if not (self.is_typing or self.moves.is_filtering or len(self.screen_stack) > 1):
            self.go_to(agent)

    @on(FleetChanged)
    def _take_fleet(self, message: FleetChanged) -> None:
        before, self.fleet = self.fleet, message.fleet
        self.show_fleet()
        self.crier.cry(before, self.fleet, self.watched)
        if before.seq:
            self.deeds.take_answers(self.fleet.answers)

    @property
    def watched(self) -> Agent | None:
        """The agent whose screen the user has before the eyes."""
        is_there = self.app_focus and len(self.screen_stack) == 1
        return self.selected if is_there else None

    def show_fleet(self) -> None:
        """As it is now, and where it is followed."""
        self.fleet_list.show(
            self.body.picked(self.fleet),
            self.deck.clock(),
            specs=self.kit.specs,
            gauges=self.machine.with_loads(self.meters.gauges),
            readings=self.runs.readings,
        )
        self.redraw()
        for screen in self.screen_stack:
            # One that is being opened looks by itself when it stands.
            if isinstance(screen, Following) and screen.is_mounted:
                screen.take_fleet(self.fleet)

    def redraw(self) -> None:
        """The lines above and below."""
        problem = self.pulse.problem
        health = Health(problem, is_problem=True) if problem else self._supervision.health
        self._around.show(health)

    async def _inspect_kit(self) -> None:
        deck = self.deck
        self.kit = await asyncio.to_thread(
            lambda: inspected(deck.catalog(deck.repo_root), deck.own_command())
        )
        self.kit_known.set()
        self.show_fleet()
        await self.deeds.arrangements.check()

    @on(FleetList.Selected)
    @on(FleetList.Sifted)
    def _show_selected(self) -> None:
        self.redraw()

    def on_pane_view_typing_started(self) -> None:
        self.redraw()

    def on_pane_view_typing_ended(self) -> None:
        if self.stage.has_keyboard:
            self.moves.take_focus()
        self.redraw()

    @on(FleetList.Opened)
    def _type_into_opened(self) -> None:
        self.perform("type")

    def on_wall_selected(self, message: "Wall.Selected") -> None:
        self.go_to(message.agent_id)

    def on_wall_opened(self, message: "Wall.Opened") -> None:
        self.go_to(message.agent_id)
        self.perform("type")

    def on_entry_list_selected(self) -> None:
        self.redraw()

    def on_entry_list_opened(self) -> None:
        if self.runs.has_part_focus:
            self.runs.keys(self.deeds.runs)["enter"]()

    def on_task_board_selected(self) -> None:
        self.redraw()

    def on_task_board_opened(self, message: "TaskBoard.Opened") -> None:
        self.deeds.tasks.perform("details", message.task)

    def on_task_board_dropped(self, message: "TaskBoard.Dropped") -> None:
        self.deeds.tasks.drop(message.task, message.lane)

    def on_unmount(self) -> None:
        self.meters.close()
        self.runs.close()
        self.machine.close()

    def on_resize(self) -> None:
        # Textual takes the new size in after this.
        self.call_later(self.body.settle)
