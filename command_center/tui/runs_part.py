"""The table of runs, on a screen of its own or as a part of a layout."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical

from command_center.domain.model import Fleet
from command_center.domain.runs import Run
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.entry_list import EntryList
from command_center.tui.figures import Part
from command_center.tui.lines import PartsLine
from command_center.tui.run_actions import RUN_ACTIONS, ways
from command_center.tui.run_cells import LOOKS
from command_center.tui.run_table import SWEEP, Choice, Only, Order, Tabler, chosen

if TYPE_CHECKING:
    from textual.widgets import Input
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.following import KeyDeed
    from command_center.tui.run_deeds import RunDeeds

_WAYS = (
    ("enter", "enter", "details"),
    ("space", "space", "mark"),
    ("c", "c", "compare"),
    ("s", "s", "sort"),
    ("o", "o", "only"),
    ("slash", "/", "filter"),
    ("equals_sign", "=", "sweeps"),
)


class RunTable(Vertical):
    DEFAULT_CSS = """
    RunTable {
        #runs-list { height: 1fr; }
        #runs-filter {
            height: 1; border: none; padding: 0 1; background: transparent;
        }
    }
    """

    def __init__(self, app: "CommandCenter", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._center = app
        self._line = PartsLine(id="runs-head")
        self._names = PartsLine(id="runs-names")
        self._list = EntryList(id="runs-list")
        self.choice = Choice()
        self._made: tuple[object, ...] = ()
        """What the lines were last worked out for."""
        self._tabler = Tabler()

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._names
        yield self._list

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def take_focus(self) -> None:
        # At once, or what is typed next would go to the widget that is being left.
        self.screen.set_focus(self._list)

    @property
    def has_keyboard(self) -> bool:
        return self._list.has_focus

    @property
    def selected(self) -> str:
        """Id of a run; empty on the head line of a folded sweep."""
        return "" if self._list.selected.startswith(SWEEP) else self._list.selected

    def runs(self) -> list[Run]:
        """All that are shown or folded away, in their order."""
        return chosen(self._center.fleet, self.choice, self._center.deck.clock())

    @property
    def meant(self) -> list[str]:
        """The marked runs; else the one under the cursor, or all of the folded sweep there."""
        if marked := [run.id for run in self.runs() if run.id in self.choice.marked]:
            return marked
        if sweep := self._folded_sweep:
            return [run.id for run in self.runs() if run.order.sweep == sweep]
        return [self.selected] if self.selected else []

    @property
    def _folded_sweep(self) -> str:
        chosen = self._list.selected
        return chosen.removeprefix(SWEEP) if chosen.startswith(SWEEP) else ""

    # Keys

    def keys(self, deeds: "RunDeeds") -> "dict[str, KeyDeed]":
        move, acts = self._list.action_move, RUN_ACTIONS
        return {
            **{each.key: partial(self._perform, deeds, each.id) for each in acts},
            **dict.fromkeys(("j", "down"), partial(move, 1)),
            **dict.fromkeys(("k", "up"), partial(move, -1)),
            **dict.fromkeys(("g", "home"), partial(move, -10_000)),
            **dict.fromkeys(("G", "end"), partial(move, 10_000)),
            "pagedown": partial(self._turn_page, 1),
            "pageup": partial(self._turn_page, -1),
            "space": self._mark,
            "asterisk": self._mark_all,
            "c": partial(self._compare, deeds),
            "s": partial(self._turn, "order"),
            "o": partial(self._turn, "only"),
            "equals_sign": self._turn_grouping,
            "minus": self._fold,
            "slash": self.open_filter,
            "A": partial(self._mark_seen, deeds),
        }

    def _perform(self, deeds: "RunDeeds", action: str) -> "Worker[None] | None":
        if action == "details" and self._folded_sweep:
            self._fold()
            return None
        return deeds.perform(action, [self.selected] if action == "details" else self.meant)

    def _turn_page(self, by: int) -> None:
        self._list.action_move(by * max(1, self._list.size.height - 1))

    def _mark(self) -> None:
        sweep = self._folded_sweep
        runs = [run.id for run in self.runs() if run.order.sweep == sweep] if sweep else []
        self._choose(self.choice.marking(runs or [self.selected]))
        self._list.action_move(1)

    def _mark_all(self) -> None:
        """Every run that is shown; when all are marked, none."""
        every = frozenset(run.id for run in self.runs())
        is_all = every <= self.choice.marked
        self._choose(replace(self.choice, marked=frozenset() if is_all else every))

    def _compare(self, deeds: "RunDeeds") -> "Worker[None] | None":
        """The marked ones; without any, the sweep under the cursor."""
        names = self.meant
        run = self._center.fleet.runs.get(self.selected)
        if len(names) < 2 and run is not None and run.order.sweep:
            names = [each.id for each in self.runs() if each.order.sweep == run.order.sweep]
        if len(names) < 2:
            self._center.crier.warn("mark two runs or more with space to compare them", seconds=3)
            return None
        return self._center.run_worker(deeds.compare(names), group="deeds")

    def _turn(self, what: str) -> None:
        self._choose(self.choice.turned(what))

    def _turn_grouping(self) -> None:
        self._choose(replace(self.choice, is_grouped=not self.choice.is_grouped))

    def _fold(self) -> None:
        run = self._center.fleet.runs.get(self.selected)
        sweep = self._folded_sweep or (run.order.sweep if run else "")
        if not sweep or not self.choice.is_grouped:
            self._center.crier.warn("no sweep here to fold", seconds=3)
            return
        was_folded = sweep in self.choice.folded
        self._choose(replace(self.choice, folded=self.choice.folded ^ {sweep}))
        first = next((r.id for r in self.runs() if r.order.sweep == sweep), "")
        self._list.select(first if was_folded else f"{SWEEP}{sweep}")

    def _mark_seen(self, deeds: "RunDeeds") -> "Worker[None]":
        return self._center.run_worker(deeds.mark_seen(self.runs()), group="deeds")

    def open_filter(self) -> None:
        from textual.widgets import Input

        if not self.query("#runs-filter"):
            needle = self.choice.needle
            line = Input(needle, id="runs-filter", compact=True, select_on_focus=False)
            self.mount(line)
        # At once, or what is typed next would act on the runs.
        self.screen.set_focus(self.query_one("#runs-filter"))

    @property
    def is_filtering(self) -> bool:
        """Whether the keyboard belongs to the filter."""
        focused = self.screen.focused
        return focused is not None and focused.id == "runs-filter"

    def clear_filter(self) -> bool:
        """Whether there was anything to clear."""
        if not self.choice.needle and not self.query("#runs-filter"):
            return False
        self.query("#runs-filter").remove()
        self._choose(replace(self.choice, needle=""))
        self.take_focus()
        return True

    def on_input_changed(self, event: "Input.Changed") -> None:
        event.stop()
        self._choose(replace(self.choice, needle=event.value.strip()))

    def on_input_submitted(self, event: "Input.Submitted") -> None:
        event.stop()
        self.take_focus()
        if not event.value.strip():
            event.input.remove()

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self.show()

    # Showing

    def show(self) -> None:
        """Take in the newest of the fleet and of the figures."""
        app = self._center
        if not self.is_mounted:
            return
        fleet, readings, now = app.fleet, app.runs.readings, app.deck.clock()
        width = self.size.width - 1
        # Times go on only while something runs.
        is_live = any(run.life.holds_lease for run in fleet.runs.values())
        made = (fleet.runs, readings, int(now) if is_live else 0, width, self.choice)
        if not _are_same(made, self._made):
            self._made = made
            table = self._tabler.table(fleet, self.choice, readings, now, width)
            self._list.put(table.entries)
            self._names.put([(table.head, theme.QUIET)])
            self._line.put(*self._head(fleet))

    def _head(self, fleet: Fleet) -> tuple[list[Part], list[Part]]:
        choice = self.choice
        lives = [run.life for run in fleet.runs.values()]
        left: list[Part] = [(" Runs", theme.BRAND), (f"  {len(lives)}", theme.QUIET)]
        left += [
            (f"  {look.glyph} {lives.count(life)} {life}", look.style)
            for life, look in LOOKS.items()
            if life in lives
        ]
        if not lives:
            left.append(("  none yet: N makes one, and so does acc run", theme.QUIET))
        right: list[Part] = []
        if choice.only is not Only.ALL:
            right.append((f"  only {choice.only}", theme.KEY))
        if choice.needle:
            right.append((f"  /{one_line(choice.needle, 24)}", theme.KEY))
        if choice.marked:
            right.append((f"  {len(choice.marked)} marked", theme.KEY))
        if choice.order is not Order.NEWEST:
            right.append((f"  {choice.order}", theme.KEY))
        return left, [*right, (" ", theme.PLAIN)]

    def ways(self, clicked: str = "") -> list[Part]:
        """The keys that do something here."""
        run = self._center.fleet.runs.get(self.selected)
        parts = list[Part]()
        for key, shown, label in _WAYS:
            click = Style(meta={"@click": f"{clicked}('{key}')"}) if clicked else theme.PLAIN
            parts += [(f" {shown} ", theme.KEY + click), (f"{label} ", click)]
        return [*parts, *ways(run, self._center.fleet, clicked, but="details")]


def _are_same(one: Iterable[object], other: Iterable[object]) -> bool:
    """By identity first: runs in their hundreds are not compared one by one."""
    ones, others = tuple(one), tuple(other)
    return len(ones) == len(others) and all(
        a is b or (not isinstance(a, Mapping) and a == b) for a, b in zip(ones, others, strict=True)
    )
