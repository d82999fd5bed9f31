"""The form that launches agents."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import Suggester, SuggestFromList
from textual.widgets import Button, Input, Static, TextArea

from command_center.domain.intents import Launch
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.store.settings import Settings
from command_center.tui.dialogs.branch_offers import Branches, BranchOffers
from command_center.tui.dialogs.draft import MODES, Draft, DraftError, launches, summary
from command_center.tui.dialogs.fields import Choice, Dialog, Field, Tick
from command_center.tui.dialogs.spec_list import SpecList
from command_center.tui.kit import Kit


class LaunchDialog(Dialog[list[Launch]]):
    """Answers with one intent for each agent, or None."""

    DEFAULT_CSS = """
    LaunchDialog {
        & > #box { width: 96; }
        SpecList { max-height: 5; margin-left: 0; }
        #prompt { height: 6; }
        #outcome { height: auto; max-height: 2; width: 1fr; }
        #buttons { width: auto; }
        #foot { height: auto; }
    }
    .-tall LaunchDialog, LaunchDialog.-tall {
        SpecList { max-height: 12; }
        #prompt { height: 16; }
        .spaced { margin-top: 1; }
    }
    """
    ways = "ctrl+s launches · esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "launch", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (40, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        kit: Kit,
        repos: tuple[Repo, ...],
        repo: Path | None,
        settings: Settings,
        branches: Branches,
    ) -> None:
        """`repos` are those the fleet knows; `repo` is the one to offer."""
        super().__init__()
        self._kit = kit
        self._roots = [repo_.root for repo_ in repos]
        self._repo = str(repo) if repo else next(iter(self._roots), "")
        self._settings = settings
        roots = SuggestFromList(self._roots)
        offers = BranchOffers(branches, lambda: self.query_one("#repo", Input).value)
        self._offers: dict[str, Suggester] = {"repo": roots, "base": offers}

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = "Launch agents"
            yield SpecList(self._kit, self._settings.spec)
            yield TextArea(id="prompt", placeholder="What shall they do?")
            yield Tick("one agent for each line of the prompt", id="by-line")
            yield self._field("Repository", "repo", self._repo, "path of a git repository")
            yield self._field("Base", "base", "", "HEAD")
            yield self._field("Branch", "branch", "", self._settings.branch)
            yield self._field("Model", "model", "", "as each CLI does by default")
            budget = self._settings.budget.agent
            yield self._field("Budget", "budget", "", budget or "none; such as 5usd or 200ktok")
            yield Field("Permissions", Choice(MODES, id="mode"))
            yield Tick("I trust this repository: agents need not ask me again", id="trust")
            yield Tick("they go on, once, when a limit of their plan ends", id="comes-back")
            with Horizontal(id="foot", classes="spaced"):
                yield Static(id="outcome", markup=False)
                with Horizontal(id="buttons"):
                    yield Button("Launch", id="launch", compact=True)

    def _field(self, label: str, name: str, value: str, hint: str) -> Field:
        entry = Input(value, hint, id=name, suggester=self._offers.get(name), compact=True)
        return Field(label, entry)

    def on_mount(self) -> None:
        prompt = self.query_one("#prompt", TextArea)
        prompt.border_title = "Prompt"
        prompt.border_subtitle = "@FILE alone takes the text of a file"
        self.query_one("#comes-back", Tick).is_on = self._settings.limits.resume
        self.query_one(SpecList).focus()
        self._show_outcome()

    @property
    def draft(self) -> Draft:
        def text(name: str) -> str:
            return self.query_one(f"#{name}", Input).value

        return Draft(
            counts=self.query_one(SpecList).counts,
            prompt=self.query_one("#prompt", TextArea).text,
            is_by_line=self.query_one("#by-line", Tick).is_on,
            repo=text("repo"),
            base=text("base"),
            branch=text("branch"),
            model=text("model"),
            mode=self.query_one(Choice).value,
            trusts_repo=self.query_one("#trust", Tick).is_on,
            budget=text("budget"),
            comes_back=self._comes_back,
        )

    @property
    def _comes_back(self) -> bool | None:
        is_on = self.query_one("#comes-back", Tick).is_on
        return None if is_on == self._settings.limits.resume else is_on

    @on(SpecList.Changed)
    @on(TextArea.Changed)
    @on(Input.Changed)
    @on(Tick.Changed)
    @on(Choice.Changed)
    def _show_outcome(self) -> None:
        outcome = self.query_one("#outcome", Static)
        try:
            words = summary(self.draft, self._kit.specs)
        except DraftError as error:
            words = str(error)
            outcome.set_class(True, "problem")
        else:
            outcome.set_class(False, "problem")
        outcome.update(one_line(words))

    @on(Input.Submitted)
    def _go_on(self) -> None:
        self.focus_next()

    @on(Button.Pressed, "#launch")
    def action_launch(self) -> None:
        try:
            planned = launches(self.draft, self._kit.specs)
        except DraftError:
            self._show_outcome()
            self.app.bell()
        else:
            self.dismiss(planned)
