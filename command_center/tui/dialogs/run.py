"""The form that starts runs: what, where in the history, how often, and on which devices."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Static

from command_center.domain.errors import CommandCenterError
from command_center.domain.model import Fleet
from command_center.domain.run_intents import QueueRuns
from command_center.domain.run_templates import RunTemplate
from command_center.domain.tasks import Task
from command_center.domain.text import one_line
from command_center.tui.dialogs.draft import DraftError
from command_center.tui.dialogs.fields import Choice, Dialog, Field, Tick
from command_center.tui.dialogs.run_draft import (
    RunDraft,
    agent_meant,
    beginning,
    queued_by,
    run_summary,
)

LeftOut = Callable[[Path], Awaitable[int]]
"""How many paths of a checkout no commit holds. Raises CommandCenterError, OSError."""

_TEXTS: tuple[tuple[str, str, str], ...] = (
    ("Seeds", "seeds", "none; such as 0..3 for four runs, ${seed} in the command"),
    ("Sweep", "sweep", "none; every combination, such as lr=1e-3,3e-4 depth=2,4"),
    ("Metric", "metric", "none; such as val_bpb, or +accuracy where higher is better"),
    ("CPU slots", "cpus", "1"),
    ("GPUs", "gpus", "none; such as 1, or with the GiB on each: 2 x 16"),
    ("Limits", "limits", "none; such as 10m wall, 30m cpu, 500 steps, 4 GiB"),
    ("Bring", "files", "nothing; files that no commit holds, such as data/"),
    ("Tell", "tell", "nobody; an agent, which is prompted with the result"),
)
"""Label, name and hint of the fields of one line that a template fills."""


class RunDialog(Dialog[QueueRuns]):
    """Answers with the intent, or None."""

    DEFAULT_CSS = """
    RunDialog {
        & > #box { width: 96; }
        #outcome { height: auto; max-height: 2; width: 1fr; }
        #warning { height: auto; max-height: 2; color: ansi_yellow; display: none; }
        &.-warns #warning { display: block; }
        #buttons { width: auto; }
        #foot { height: auto; }
    }
    .-tall RunDialog, RunDialog.-tall {
        .spaced { margin-top: 1; }
    }
    """
    ways = "ctrl+s starts · esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s,ctrl+enter", "start", show=False)]
    AUTO_FOCUS = "#template"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (40, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        fleet: Fleet,
        first: RunDraft,
        templates: Mapping[str, RunTemplate],
        *,
        lacking: Mapping[str, str],
        executors: tuple[str, ...],
        slots: int,
        left_out: LeftOut,
        task: Task | None = None,
    ) -> None:
        """`lacking` has the module that a template needs and that is not installed, by its name;
        `task` is the one whose experiment it is.
        """
        super().__init__()
        self._fleet = fleet
        self._first = first
        self._templates = templates
        self._lacking = lacking
        self._executors = executors
        self._slots = slots
        self._left_out = left_out
        self._experiment = task
        self._chosen = first.template
        """The template that the form was filled from."""

    def compose(self) -> ComposeResult:
        names = [one_line(agent.name, 40) for agent in self._fleet.agents.values()]
        told = tuple((name, self._words(name)) for name in self._templates)
        where = tuple((name, name) for name in self._executors)
        roots = [each.root for each in self._fleet.repos.values()]
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = Content(self._heading)
            yield Field("Template", Choice((("", "none: a command"), *told), id="template"))
            yield Field("Command", self._entry("command", "such as python train.py"))
            if self._experiment is None:
                hint = "path of a git repository"
                yield Field("Repository", self._entry("repo", hint, roots))
            yield Field("Base", self._entry("base", self._base_hint, names))
            yield Tick("wait for the end of that agent's turn", id="awaits")
            for label, name, hint in _TEXTS:
                yield Field(label, self._entry(name, hint, names if name == "tell" else []))
            yield Field("Where", Choice((("", "as configured"), *where), id="executor"))
            yield Static(id="warning", markup=False)
            with Horizontal(id="foot", classes="spaced"):
                yield Static(id="outcome", markup=False)
                with Horizontal(id="buttons"):
                    yield Button("Start", id="start", compact=True)

    @property
    def _heading(self) -> str:
        if self._experiment is None:
            return "Start runs"
        return f"Run {self._experiment.id}: {one_line(self._experiment.brief.title, 60)}"

    @property
    def _base_hint(self) -> str:
        task = self._experiment
        if task is not None and (brought := task.branch or task.brief.base):
            return f"{one_line(brought, 60)}, which the task names"
        return "HEAD; an agent, a branch or a commit"

    def _words(self, name: str) -> str:
        """A template in the list of them."""
        if needed := self._lacking.get(name):
            return f"{name}: needs {needed}, which is not installed"
        return f"{name}: {one_line(self._templates[name].about, 60)}"

    def _entry(self, name: str, hint: str, offers: list[str] | None = None) -> Input:
        suggester = SuggestFromList(offers, case_sensitive=False) if offers else None
        return Input(id=name, placeholder=hint, suggester=suggester, compact=True)

    def on_mount(self) -> None:
        self._put(self._first)
        self._count_left_out()

    @property
    def draft(self) -> RunDraft:
        # The repository of a task is known, and not asked for.
        texts = {"repo": self._first.repo}
        texts |= {entry.id or "": entry.value for entry in self.query(Input)}
        return RunDraft(
            template=self.query_one("#template", Choice).value,
            awaits=self.query_one("#awaits", Tick).is_on,
            executor=self.query_one("#executor", Choice).value,
            **texts,
        )

    def _put(self, draft: RunDraft) -> None:
        for entry in self.query(Input):
            value = getattr(draft, entry.id or "")
            if entry.value != value:
                entry.value = value
        self.query_one("#template", Choice).choose(draft.template)
        self.query_one("#executor", Choice).choose(draft.executor)
        self.query_one("#awaits", Tick).is_on = draft.awaits
        self._show_outcome()

    @on(Choice.Changed)
    def _turned(self) -> None:
        # The message does not tell which; the template alone changes the others.
        draft = self.draft
        if draft.template != self._chosen:
            self._chosen = draft.template
            if (template := self._templates.get(draft.template)) is not None:
                self._put(beginning(draft, draft.template, template))
        self._show_outcome()

    @on(Input.Changed, "#repo")
    @on(Input.Changed, "#base")
    @work(exclusive=True, group="left-out")
    async def _count_left_out(self) -> None:
        """Say what no commit holds, and so no run gets."""
        draft, count, whose = self.draft, 0, ""
        try:
            agent = agent_meant(draft, self._fleet)
            if agent is not None:
                count = agent.diff.uncommitted if agent.diff else 0
                whose = f" of {one_line(agent.name, 40)}"
            elif draft.base.strip() in ("", "HEAD") and self._experiment is None:
                count = await self._left_out(Path(draft.repo.strip()).expanduser())
        except (DraftError, CommandCenterError, OSError):
            # Whatever is wrong with the place, the form says so where it tells the outcome.
            count = 0
        paths = "path" if count == 1 else "paths"
        said = f"left out: {count} uncommitted {paths}{whose}; commit, or bring what is needed"
        self.query_one("#warning", Static).update(said)
        self.set_class(count > 0, "-warns")

    @on(Input.Changed)
    @on(Tick.Changed)
    def _show_outcome(self) -> None:
        try:
            words = run_summary(self._intent(), self._fleet, self._slots)
        except DraftError as error:
            self._tell(str(error), is_problem=True)
        else:
            self._tell(words)

    def _intent(self) -> QueueRuns:
        """Raises DraftError."""
        draft = self.draft
        needed = self._lacking.get(draft.template)
        if needed and draft.executor in ("", "local"):
            raise DraftError(
                f"{draft.template} needs {needed}: pip install 'command-center[train]', or take "
                "microgpt"
            )
        return queued_by(draft, self._fleet, self._templates, self._experiment)

    def _tell(self, words: str, *, is_problem: bool = False) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.set_class(is_problem, "problem")
        outcome.update(one_line(words))

    @on(Input.Submitted)
    def _go_on(self) -> None:
        self.focus_next()

    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        try:
            intent = self._intent()
        except DraftError as error:
            self._tell(str(error), is_problem=True)
            self.app.bell()
        else:
            self.dismiss(intent)
