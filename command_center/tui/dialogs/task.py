"""The form that makes a task, or revises one that no agent has yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Static, TextArea

from command_center.domain.model import Fleet
from command_center.domain.task_intents import AddTasks, ReviseTask
from command_center.domain.tasks import Brief, Conversation, Judge, Task, TaskKind
from command_center.domain.templates import Template
from command_center.domain.text import one_line
from command_center.tui.dialogs.draft import DraftError, repository
from command_center.tui.dialogs.fields import Choice, Dialog, Field
from command_center.tui.dialogs.task_draft import (
    TaskDraft,
    beginning,
    brief_from,
    drafted,
    included,
    task_summary,
)
from command_center.tui.kit import Kit

KINDS: tuple[tuple[str, str], ...] = (
    (TaskKind.FEATURE, "feature: something new"),
    (TaskKind.BUGFIX, "bugfix: something wrong put right"),
    (TaskKind.RESEARCH, "research: an answer, no branch"),
    (TaskKind.PLAN, "plan: a plan, no branch"),
    (TaskKind.REVIEW, "review: a judgement, no branch"),
    (TaskKind.EXPERIMENT, "experiment: something to be measured"),
    (TaskKind.CHORE, "chore: something that has to be done"),
)
JUDGES: tuple[tuple[str, str], ...] = (
    (Judge.USER, "I say yes"),
    (Judge.COMMAND, "a command passes"),
    (Judge.REVIEW, "another agent has reviewed it"),
)
CONVERSATIONS: tuple[tuple[str, str], ...] = (
    (Conversation.FRESH, "fresh: its agent begins anew"),
    (Conversation.KEPT, "kept: its agent goes on where it is"),
)
_TEXTS: tuple[tuple[str, str, str], ...] = (
    ("Command", "command", "none; such as pytest -q, run in the agent's worktree"),
    ("Needs", "needs", "none; ids of tasks, such as T1, T3"),
    ("Touches", "touches", "anything; paths such as src/parser/*"),
    ("Agent", "spec", "any kind of agent"),
    ("Niche", "niche", "any kind of model, such as frontier"),
    ("Priority", "priority", "0; the higher, the sooner"),
    ("Tags", "tags", "none"),
    ("Budget", "budget", "none; such as 2usd,100ktok,30min"),
)
"""Label, name and hint of the fields of one line."""


class TaskDialog(Dialog[AddTasks | ReviseTask]):
    """Answers with the intent, or None."""

    DEFAULT_CSS = """
    TaskDialog {
        & > #box { width: 96; }
        #prompt { height: 4; }
        #values-line { height: 1; display: none; }
        #run-line { height: 1; display: none; }
        &.-asks-values #values-line, &.-is-measured #run-line { display: block; }
        #outcome { height: auto; max-height: 2; width: 1fr; }
        #buttons { width: auto; }
        #foot { height: auto; }
    }
    .-tall TaskDialog, TaskDialog.-tall {
        #prompt { height: 14; }
        .spaced { margin-top: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "keep(True)", show=False),
        # Before the fields, which would delete a character.
        Binding("ctrl+d", "draft", show=False, priority=True),
    ]
    AUTO_FOCUS = "#title"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (40, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        fleet: Fleet,
        kit: Kit,
        repo: Path | None,
        templates: Mapping[str, Template],
        old: Task | None = None,
    ) -> None:
        """`repo` is the repository to offer; `old` is the task to revise."""
        super().__init__()
        self._fleet = fleet
        self._kit = kit
        self._old = old
        self._roots = [each.root for each in fleet.repos.values()]
        root = str(repo) if repo else next(iter(self._roots), "")
        self._first = drafted(old.brief) if old else TaskDraft(repo=root)
        self._templates = templates if old is None else {}
        self._begun: Template | None = None
        """The template that the form was filled from."""
        self.ways = "ctrl+s queues · ctrl+d drafts" if old is None else "ctrl+s saves"
        self.ways += " · esc closes"

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = Content(f"Revise {self._old.id}" if self._old else "New task")
            if self._templates:
                told = ((n, f"{n}: {one_line(t.about, 60)}") for n, t in self._templates.items())
                yield Field("Template", Choice((("", "none"), *told), id="template"))
                with Horizontal(id="values-line"):
                    yield Field("Variables", Input(id="values", compact=True))
            yield Field("Title", Input(id="title", placeholder="In one line", compact=True))
            yield TextArea(id="prompt", placeholder="What the agent is told; the title, if empty")
            yield Field("Kind", Choice(KINDS, id="kind"))
            with Horizontal(id="run-line"):
                hint = "asked for by x; a template of runs, or a command"
                yield Field("Run", Input(id="run", placeholder=hint, compact=True))
            if self._old is None:
                hints = SuggestFromList(self._roots)
                hint = "path of a git repository"
                entry = Input(id="repo", placeholder=hint, suggester=hints, compact=True)
                yield Field("Repository", entry)
            yield Field("Done when", Choice(JUDGES, id="judge"))
            for label, name, hint in _TEXTS:
                yield Field(label, self._entry(name, hint))
            yield Field("Context", Choice(CONVERSATIONS, id="conversation"))
            with Horizontal(id="foot", classes="spaced"):
                yield Static(id="outcome", markup=False)
                with Horizontal(id="buttons"):
                    if self._old is None:
                        yield Button("Draft", id="draft", compact=True)
                    yield Button("Save" if self._old else "Queue", id="queue", compact=True)

    def _entry(self, name: str, hint: str) -> Input:
        suggester = SuggestFromList(list(self._kit.specs)) if name == "spec" else None
        return Input(id=name, placeholder=hint, suggester=suggester, compact=True)

    def on_mount(self) -> None:
        self.query_one("#prompt", TextArea).border_title = "Prompt"
        self._put(self._first)

    @property
    def draft(self) -> TaskDraft:
        texts = {name: self.query_one(f"#{name}", Input).value for _, name, _ in _TEXTS}
        chosen = {
            name: self.query_one(f"#{name}", Choice).value
            for name in ("kind", "judge", "conversation")
        }
        return TaskDraft(
            title=self.query_one("#title", Input).value,
            prompt=self.query_one("#prompt", TextArea).text,
            run=self._text("#run"),
            repo=self._text("#repo"),
            values=self._text("#values"),
            **texts,
            **chosen,
        )

    def _text(self, name: str) -> str:
        """Empty where there is no such field."""
        return next((entry.value for entry in self.query(name).results(Input)), "")

    def _put(self, draft: TaskDraft) -> None:
        for entry in self.query(Input):
            value = getattr(draft, entry.id or "")
            if entry.value != value:
                entry.value = value
        self.query_one("#prompt", TextArea).text = draft.prompt
        for name in ("kind", "judge", "conversation"):
            self.query_one(f"#{name}", Choice).choose(getattr(draft, name))
        self._show_outcome()

    @on(Choice.Changed)
    def _turned(self) -> None:
        # The message does not tell which; the template alone changes the others.
        if (template := self._template) is not self._begun:
            self._begun = template
            if template is not None:
                self._ask_values(template)
                self._put(beginning(self.draft, template))
        self._show_outcome()

    @property
    def _template(self) -> Template | None:
        found = self.query("#template").results(Choice)
        return self._templates.get(next((choice.value for choice in found), ""))

    def _ask_values(self, template: Template) -> None:
        """Show the line for variables where there are any."""
        hints = (f"{name}={template.defaults.get(name, '…')}" for name in template.variables)
        self.query_one("#values", Input).placeholder = ", ".join(hints)
        self.set_class(bool(template.variables), "-asks-values")

    @on(Input.Changed, "#command")
    def _judged(self, event: Input.Changed) -> None:
        """A command that is typed is to be run."""
        judge = self.query_one("#judge", Choice)
        if judge.value != Judge.REVIEW:
            judge.choose(Judge.COMMAND if event.value.strip() else Judge.USER)

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _show_outcome(self) -> None:
        draft = self.draft
        self.set_class(draft.kind == TaskKind.EXPERIMENT, "-is-measured")
        try:
            words = task_summary(draft, self._brief_of(draft))
        except DraftError as error:
            self._tell(str(error), is_problem=True)
        else:
            self._tell(words)

    def _tell(self, words: str, *, is_problem: bool = False) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.set_class(is_problem, "problem")
        outcome.update(one_line(words))

    def _brief_of(self, draft: TaskDraft) -> Brief:
        return brief_from(draft, self._fleet, self._kit.specs, self._old, self._template)

    @on(Input.Submitted)
    def _go_on(self) -> None:
        self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_keep(event.button.id == "queue")

    def action_draft(self) -> None:
        # After what was typed before it, which the field may not have looked at yet.
        (self.focused or self).call_later(self.action_keep, False)

    def action_keep(self, is_queued: bool) -> None:
        draft = self.draft
        try:
            brief = self._brief_of(draft)
            if self._old is None:
                brief = included(brief, repository(draft.repo))
        except DraftError as error:
            self._tell(str(error), is_problem=True)
            self.app.bell()
            return
        if self._old is not None:
            self.dismiss(ReviseTask(self._old.id, brief))
        else:
            self.dismiss(AddTasks((brief,), str(repository(draft.repo)), is_queued))
