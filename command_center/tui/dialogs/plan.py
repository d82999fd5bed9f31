"""A plan that can be changed until it is right, and only then is added."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from command_center.domain.plans import Proposal, problem_in, reordered
from command_center.domain.task_intents import AddTasks
from command_center.domain.tasks import Brief
from command_center.domain.text import one_line
from command_center.tui.dialogs.fields import Dialog
from command_center.tui.dialogs.plan_text import PlanTextDialog
from command_center.tui.entry_list import EntryList
from command_center.tui.plan_lines import details_of, entries_of, origin_of, outcome_of

NEW = Brief("New task")


class Decision(Struct, frozen=True):
    """What became of a plan."""

    made: Proposal
    """As it was left."""
    intent: AddTasks | None = None
    """None: it is put aside."""
    is_given_up: bool = False
    """Whether another goal is wanted in its place."""


class PlanDialog(Dialog[Decision]):
    """Answers with the decision."""

    ways = "ctrl+s queues · ctrl+d drafts · esc puts it aside"
    DEFAULT_CSS = """
    PlanDialog {
        & > #box { width: 120; height: 100%; }
        EntryList { height: 1fr; min-height: 4; }
        #details { height: 40%; border-top: solid ansi_bright_black; }
        #outcome { height: auto; max-height: 2; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "add(True)", show=False),
        Binding("ctrl+d", "add(False)", show=False),
        Binding("shift+down,J", "shift(1)", show=False),
        Binding("shift+up,K", "shift(-1)", show=False),
        Binding("right,l", "need_above", show=False),
        Binding("left,h", "need_less", show=False),
        Binding("enter,e", "edit", show=False),
        Binding("n", "insert", show=False),
        Binding("x,delete", "delete", show=False),
        Binding("m", "edit_all", show=False),
        Binding("N", "give_up", show=False),
    ]
    KEYS = (
        "J K move · → needs the one above · ← needs one less · e edit · n new · x delete"
        " · m all as Markdown · N another goal"
    )

    def __init__(self, made: Proposal, repo: Path) -> None:
        super().__init__()
        self._made = made
        self._repo = repo

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(f"Plan for {one_line(self._repo.name, 40)}")
            yield Static(origin_of(self._made), classes="quiet", markup=False)
            if self._made.note:
                yield Static(one_line(self._made.note, 300), classes="problem", markup=False)
            yield EntryList()
            with VerticalScroll(id="details"):
                yield Static(id="told", markup=False)
            yield Static(id="outcome", markup=False)
            yield Static(self.KEYS, classes="quiet", markup=False)

    def on_mount(self) -> None:
        self._put(self._made.tasks, 0)
        self.query_one(EntryList).focus()

    @property
    def _briefs(self) -> tuple[Brief, ...]:
        return self._made.tasks

    @property
    def _at(self) -> int:
        """The place of the selected one; -1 without any."""
        selected = self.query_one(EntryList).selected
        return int(selected) if selected else -1

    def _put(self, briefs: Sequence[Brief], at: int) -> None:
        self._made = replace(self._made, tasks=tuple(briefs))
        entries = self.query_one(EntryList)
        entries.put(entries_of(briefs))
        if briefs:
            entries.select(str(min(max(0, at), len(briefs) - 1)))
        problem = problem_in(briefs)
        outcome = self.query_one("#outcome", Static)
        outcome.set_class(problem != "", "problem")
        outcome.update(one_line(problem) or outcome_of(briefs))
        self._show_details()

    @on(EntryList.Selected)
    def _show_details(self) -> None:
        at = self._at
        is_there = 0 <= at < len(self._briefs)
        self.query_one("#told", Static).update(details_of(self._briefs[at]) if is_there else "")
        self.query_one("#details", VerticalScroll).scroll_home(animate=False)

    @on(EntryList.Opened)
    async def action_edit(self) -> None:
        if (at := self._at) < 0:
            return
        text = PlanTextDialog((self._briefs[at],), is_one=True)
        self.app.push_screen(text, lambda edited: self._take(edited, at))

    def _take(self, edited: tuple[Brief, ...] | None, at: int) -> None:
        if edited is not None:
            self._put((*self._briefs[:at], *edited, *self._briefs[at + 1 :]), at)

    def action_edit_all(self) -> None:
        text = PlanTextDialog(self._briefs, is_one=False)
        self.app.push_screen(text, lambda edited: None if edited is None else self._put(edited, 0))

    def action_insert(self) -> None:
        """Below the selected one."""
        briefs, at = self._briefs, self._at + 1
        order = [*range(at), len(briefs), *range(at, len(briefs))]
        self._put(reordered((*briefs, NEW), order), at)

    def action_delete(self) -> None:
        """What needed it needs then what it needed."""
        at = self._at
        if at >= 0:
            kept = [place for place in range(len(self._briefs)) if place != at]
            self._put(reordered(self._briefs, kept), at)

    def action_shift(self, by: int) -> None:
        at, there = self._at, self._at + by
        if at >= 0 and 0 <= there < len(self._briefs):
            order = list(range(len(self._briefs)))
            order.insert(there, order.pop(at))
            self._put(reordered(self._briefs, order), there)

    def action_need_above(self) -> None:
        at = self._at
        if at > 0:
            brief = self._briefs[at]
            needs = tuple(dict.fromkeys((*brief.needs, f"#{at}")))
            self._try(at, replace(brief, needs=needs))

    def action_need_less(self) -> None:
        at = self._at
        if at >= 0:
            self._try(at, replace(self._briefs[at], needs=self._briefs[at].needs[:-1]))

    def _try(self, at: int, brief: Brief) -> None:
        """Unless nothing could start then."""
        briefs = (*self._briefs[:at], brief, *self._briefs[at + 1 :])
        if problem := problem_in(briefs):
            self.app.bell()
            outcome = self.query_one("#outcome", Static)
            outcome.add_class("problem")
            outcome.update(one_line(problem))
        else:
            self._put(briefs, at)

    def action_add(self, is_queued: bool) -> None:
        if problem_in(self._briefs):
            self.app.bell()
            return
        self.dismiss(Decision(self._made, AddTasks(self._briefs, str(self._repo), is_queued)))

    def action_give_up(self) -> None:
        self.dismiss(Decision(self._made, is_given_up=True))

    def action_close(self) -> None:
        self.dismiss(Decision(self._made))
