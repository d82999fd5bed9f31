"""The live screen of one agent, or a part of its history: what is seen, without the keyboard."""

from collections.abc import Mapping, Sequence

from textual.geometry import Offset, Size
from textual.timer import Timer

from command_center.domain.errors import TmuxError, TmuxUnreachable
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass, PaneScreen
from command_center.tui.lookout import Aim, Lookout
from command_center.tui.marks import Mark
from command_center.tui.pane_bars import PaneBars
from command_center.tui.pane_rows import Row, pane_size, rows_in_view, rows_of, seen_from
from command_center.tui.pane_words import ended_words

_WATCHING_S = 0.14
_EACH_S = 0.015
"""What each view adds to the pause of all, so that a crowd costs no more than ten."""
_TYPING_S = 0.02
_FIT_DELAY_S = 0.15


class PaneSight(PaneBars):
    """Shows the pane of `agent`: the live screen, or what scrolled away."""

    def __init__(
        self,
        glass: Glass | None,
        lookout: Lookout | None = None,
        *,
        fits: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`fits`: whether the agent's window gets the size of this widget."""
        super().__init__(id=id)
        self._glass = glass
        self._lookout = lookout
        self._fits = fits
        self.due_at = 0.0
        self.crowd = 1
        """How many views there are beside each other."""
        self._seen: PaneScreen | None = None
        """The last look at this pane."""
        self._origin = Offset()
        """Which cell of the live screen is in the upper left corner."""
        self._top = 0
        """The line in the upper row, counted from the start of the history."""
        self._pinned: int | None = None
        """The same while it is to stay; None: live."""
        self._fit_timer: Timer | None = None
        self._needs_fit = False

    def on_mount(self) -> None:
        self._show_words()
        if self._lookout is None and self._glass is not None:
            self._lookout = Lookout(self._glass)
            self.run_worker(self._lookout.watch(), name="watch the pane")
        if self._lookout is not None:
            self._lookout.add(self)

    def on_unmount(self) -> None:
        if self._lookout is not None:
            self._lookout.remove(self)

    @property
    def fits(self) -> bool:
        return self._fits

    @fits.setter
    def fits(self, fits: bool) -> None:
        if fits and not self._fits:
            self._fit_soon()
        self._fits = fits

    @property
    def can_type(self) -> bool:
        return bool(self._pane) and not (self._seen and self._seen.is_dead)

    def scroll_history(self, lines: int) -> None:
        """Look `lines` further back, or forward again when negative."""
        if self._seen is not None:
            top = self._live_top if self._pinned is None else self._pinned
            self._pin(top - lines)

    def go_live(self) -> None:
        if self._pinned is not None:
            self._pin(self._live_top)

    def end_typing(self) -> None:
        self.is_typing = False

    # What the widget shows

    def watch_agent(self, old: Agent | None, new: Agent | None) -> None:
        if (old and (old.id, old.pane)) != (new and (new.id, new.pane)):
            self.end_typing()
            self._forget()
            self._fit_soon()
        if self._seen is None:
            self._show_words()
        self._show_bars()

    def _forget(self) -> None:
        """Another pane: begin with what was last seen of it."""
        self._seen, self._pinned, self._notice = None, None, ""
        if self._glass and (last := self._glass.last(self._pane)) is not None:
            self._show(last, 0)
        self._nudge()

    def watch_is_typing(self) -> None:
        self._show_bars()
        self._nudge()

    def watch_is_chosen(self) -> None:
        self._show_bars()
        self._nudge()

    def lose_sight(self, why: str) -> None:
        self._trouble(f"tmux does not answer: {why}")

    def _trouble(self, words: str) -> None:
        self._tell(words)
        self.fade()

    def _pin(self, line: int) -> None:
        self._pinned = max(0, line) if line < self._live_top else None
        self._show_bars()
        self._nudge()

    @property
    def _live_top(self) -> int:
        return self._seen.history + self._origin.y if self._seen else 0

    @property
    def _cli_title(self) -> str:
        return self._seen.title if self._seen else ""

    @property
    def _lines_back(self) -> int:
        return 0 if self._pinned is None else max(0, self._live_top - self._pinned)

    @property
    def _body(self) -> Size:
        return Size(self.size.width, self.body_height)

    # Looking

    @property
    def _pane(self) -> str:
        return self.agent.pane if self.agent and self._glass else ""

    @property
    def aim(self) -> Aim | None:
        top = self.app.screen
        is_visible = self.is_on_screen and (top is self.screen or top.is_modal)
        return Aim(self._pane, self._pinned) if self._pane and is_visible else None

    def next_pause(self) -> float:
        # The chosen one with all others: a frame of its own costs nearly what one of them all does.
        return _TYPING_S if self.is_typing else max(_WATCHING_S, _EACH_S * self.crowd)

    def _nudge(self) -> None:
        if self._lookout is not None:
            self._lookout.nudge(self)

    async def look(self, aim: Aim, seen: Mapping[str, PaneScreen]) -> None:
        assert self._glass is not None
        screen, above = seen.get(aim.pane), 0
        try:
            if aim.line is not None and self._seen is not None:
                # A page more than is shown, because lines may scroll up in the meantime.
                height = self.body_height
                above = self._seen.history - aim.line + height
                screen = await self._glass.look_back(aim.pane, above, 2 * height)
            if aim == self.aim:
                self._show(screen, above)
                await self._fit(self._glass)
        except TmuxUnreachable as error:
            self.lose_sight(str(error))
        except TmuxError:
            self._show(None, 0)

    def _show(self, screen: PaneScreen | None, above: int) -> None:
        """`above` says how far above the live screen the lines of `screen` begin."""
        self._seen = screen
        if screen is None:
            self.end_typing()
            self._show_words()
        elif self._pinned is None:
            self._show_live(screen)
        else:
            self._show_history(screen, self._pinned, max(0, screen.history - above))
        self._show_bars()

    def _show_live(self, screen: PaneScreen) -> None:
        self._tell(ended_words(self.agent) if screen.is_dead and self.agent else "")
        if screen.is_dead:
            self.end_typing()
        self._origin = seen_from(screen, self._body, self.is_typing)
        has_cursor = self.is_typing or self.is_chosen
        rows = rows_in_view(screen, self._body, self._origin, has_cursor)
        self._paint(rows, self._live_top, screen.width)

    def _show_history(self, screen: PaneScreen, pinned: int, first: int) -> None:
        if pinned >= self._live_top:
            # The history was cleared, or flowed back onto a taller screen.
            self.go_live()
        elif first <= pinned:
            rows = rows_of(screen.lines)[pinned - first :][: self.body_height]
            self._paint(rows, pinned, screen.width)

    def _paint(self, rows: Sequence[Row], top: int, columns: int) -> None:
        self._top = top
        marks = {y: self._marks_on(top + y, columns) for y in range(len(rows))}
        self.put(rows, columns, self._origin.x, {y: found for y, found in marks.items() if found})

    def _marks_on(self, line: int, columns: int) -> Sequence[Mark]:  # noqa: ARG002
        """What is laid over a line, counted from the start of the history."""
        return ()

    # Giving the agent the size of the widget

    def on_resize(self) -> None:
        self._show_bars()
        self._fit_soon()
        self._nudge()

    def _fit_soon(self) -> None:
        if self._fit_timer is not None:
            self._fit_timer.stop()
        self._fit_timer = self.set_timer(_FIT_DELAY_S, self._ask_to_fit)

    def _ask_to_fit(self) -> None:
        self._needs_fit = True
        self._nudge()

    async def _fit(self, glass: Glass) -> None:
        screen = self._seen
        if screen is None or not self._needs_fit or screen.viewers or screen.is_dead:
            return
        self._needs_fit = False
        size = pane_size(self.size)
        if self._fits and (screen.width, screen.height) != size:
            await glass.resize(self._pane, *size)
            self._nudge()
