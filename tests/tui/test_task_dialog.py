"""The form that makes a task, answered by keys."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.widgets import Label

from command_center.domain.model import Fleet
from command_center.domain.task_intents import AddTasks, ReviseTask
from command_center.domain.tasks import Allowance, Brief, Check, Conversation, Judge, Task, TaskKind
from command_center.domain.templates import Template
from command_center.tui.dialogs.draft import DraftError
from command_center.tui.dialogs.task import TaskDialog
from command_center.tui.dialogs.task_draft import TaskDraft, beginning, brief_from, drafted
from tests.tui.dialog_app import NOTHING_YET, Asking
from tests.tui.pane_app import until
from tests.tui.test_dialogs import kit

SIZES = [(80, 24), (200, 60)]
T1 = Task("T1", Brief("First", "shop"), 0.0)
FLEET = Fleet(tasks={"T1": T1})
FULL = Brief(
    "Speed up",
    prompt="Find what is slow.\nThen mend it.",
    kind=TaskKind.BUGFIX,
    check=Check(Judge.COMMAND, ("pytest", "-q", "a b")),
    allowance=Allowance(2.5, 100_000, 30.0),
    touches=("src/*",),
    needs=("T1",),
    priority=3,
    tags=("perf",),
    spec="ant",
    niche="frontier",
    conversation=Conversation.KEPT,
)
TEMPLATES = {
    "mend": Template(
        about="something broken",
        kind=TaskKind.BUGFIX,
        prompt="Mend {file}: {title}",
        check="pytest -q {file}",
        tags=("bug",),
    )
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    (tmp_path / "notes.md").write_text("be brief\n")
    return tmp_path


def form(repo: Path | None, old: Task | None = None) -> Asking[AddTasks | ReviseTask]:
    return Asking(TaskDialog(FLEET, kit(), repo, TEMPLATES, old))


@pytest.mark.parametrize("size", SIZES)
async def test_a_title_is_enough(repo: Path, size: tuple[int, int]) -> None:
    app = form(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"Sort it", "ctrl+s")
    assert app.answer == AddTasks((Brief("Sort it"),), str(repo))


async def test_the_label_of_the_field_with_the_keyboard_alone_is_bold(repo: Path) -> None:
    app = form(repo)

    def bold() -> list[str]:
        labels = app.screen.query(Label)
        return [str(label.content) for label in labels if label.styles.text_style.bold]

    async with app.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: bold() == ["Title"], "the title has it")
        await pilot.press("tab", "tab")
        await until(pilot, lambda: bold() == ["Kind"], "the kind has it")
        await pilot.press("tab")
        await until(pilot, lambda: bold() == ["Repository"], "the repository has it")


@pytest.mark.parametrize("last", ["ctrl+s", "ctrl+d"])
async def test_a_title_typed_fast_is_kept_whole(repo: Path, last: str) -> None:
    app = form(repo)
    async with app.run_test(size=SIZES[0]) as pilot:
        await pilot.pause()
        for key in (*"Sortit", last):
            # Without a pause, as a terminal hands over what has piled up.
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.answer is not NOTHING_YET, "it is answered")
    assert app.answer == AddTasks((Brief("Sortit"),), str(repo), last == "ctrl+s")


@pytest.mark.parametrize("size", SIZES)
async def test_every_field_can_be_reached_by_tab(repo: Path, size: tuple[int, int]) -> None:
    app = form(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"Sort it", "tab", "S", "o", "enter", "i", "t", "tab", "right", "tab")
        await pilot.press("tab", "tab", *"pytest -q", "tab", *"T1", "tab", *"src/*", "tab", *"ant")
        await pilot.press("tab", *"frontier", "tab", *"3", "tab", *"perf", "tab", *"2usd,30min")
        await pilot.press("tab", "right", "ctrl+s")
    brief = Brief(
        "Sort it",
        prompt="So\nit",
        kind=TaskKind.BUGFIX,
        check=Check(Judge.COMMAND, ("pytest", "-q")),
        allowance=Allowance(2.0, minutes=30.0),
        touches=("src/*",),
        needs=("T1",),
        priority=3,
        tags=("perf",),
        spec="ant",
        niche="frontier",
        conversation=Conversation.KEPT,
    )
    assert app.answer == AddTasks((brief,), str(repo))


@pytest.mark.parametrize("size", SIZES)
async def test_an_experiment_is_asked_what_it_runs(repo: Path, size: tuple[int, int]) -> None:
    app = form(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"Warm up", "tab", "tab")
        assert "template of runs" not in app.text
        await pilot.press("left", "left")
        await until(pilot, lambda: "template of runs" in app.text, "the field is there")
        await pilot.press("tab", *"python train.py --lr '3")
        await until(pilot, lambda: "run: No closing quotation" in app.said, "the quote is missed")
        await pilot.press("ctrl+s")
        assert app.answer is NOTHING_YET
        await pilot.press("'")
        await until(pilot, lambda: "x on the board runs it" in app.said, "it is told who runs it")
        await pilot.press("ctrl+s")
    brief = Brief("Warm up", kind=TaskKind.EXPERIMENT, run="python train.py --lr '3'")
    assert app.answer == AddTasks((brief,), str(repo))


async def test_only_an_experiment_runs_what_the_form_says(repo: Path) -> None:
    app = form(repo)
    async with app.run_test() as pilot:
        await pilot.press(*"Warm up", "tab", "tab", "left", "left")
        await until(pilot, lambda: "template of runs" in app.text, "the field is there")
        await pilot.press("tab", *"starter", "shift+tab", "right", "ctrl+s")
    assert app.answer == AddTasks((Brief("Warm up", kind=TaskKind.CHORE),), str(repo))


async def test_what_an_experiment_runs_can_be_revised(repo: Path) -> None:
    brief = Brief("Warm up", "shop", kind=TaskKind.EXPERIMENT, run="starter")
    app = form(repo, Task("T2", brief, 0.0))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "starter" in app.text, "the field is filled")
        await pilot.press("tab", "tab", "tab", "end", *" --quick", "ctrl+s")
    assert app.answer == ReviseTask("T2", replace(brief, run="starter --quick"))


async def test_a_draft_is_kept_back(repo: Path) -> None:
    app = form(repo)
    async with app.run_test() as pilot:
        await pilot.press(*"Later", "ctrl+d")
    assert app.answer == AddTasks((Brief("Later"),), str(repo), is_queued=False)


async def test_escape_makes_nothing(repo: Path) -> None:
    app = form(repo)
    async with app.run_test() as pilot:
        await pilot.press(*"No", "escape")
    assert app.answer is None


async def test_a_form_that_cannot_be_used_stays_open_and_says_why(repo: Path) -> None:
    app = form(repo)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        assert app.answer is NOTHING_YET
        assert "no title yet" in app.said


async def test_a_template_fills_the_form_and_asks_for_its_variables(repo: Path) -> None:
    app = form(repo)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*"Crash", "shift+tab", "right")
        await pilot.pause()
        assert "file" in app.text
        assert "the template needs file" in app.said
        await pilot.press("tab", *"file=src/a b.py", "ctrl+s")
    assert app.answer == AddTasks(
        (
            Brief(
                "Crash",
                prompt="Mend src/a b.py: Crash",
                kind=TaskKind.BUGFIX,
                check=Check(Judge.COMMAND, ("pytest", "-q", "src/a b.py")),
                tags=("bug",),
            ),
        ),
        str(repo),
    )


async def test_a_file_that_the_prompt_names_comes_along(repo: Path) -> None:
    app = form(repo)
    async with app.run_test() as pilot:
        await pilot.press(*"Read", "tab", *"See @notes.md", "ctrl+s")
    assert isinstance(app.answer, AddTasks)
    assert "be brief" in app.answer.briefs[0].prompt


async def test_a_file_outside_of_the_repository_is_refused(repo: Path) -> None:
    (repo.parent / "secret.txt").write_text("secret")
    app = form(repo)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*"Read", "tab", *"See @../secret.txt", "ctrl+s")
        assert app.answer is NOTHING_YET
        assert "outside of the repository" in app.said


async def test_a_task_is_revised_as_it_stands(repo: Path) -> None:
    old = Task("T2", Brief("Rough", "shop", reviews="T1", base="main"), 0.0)
    app = form(repo, old)
    async with app.run_test() as pilot:
        await pilot.press("end", *" cut", "ctrl+s")
    revised = Brief("Rough cut", "shop", reviews="T1", base="main")
    assert app.answer == ReviseTask("T2", revised)


@pytest.mark.parametrize("kind", TaskKind)
def test_a_brief_survives_the_form(kind: TaskKind) -> None:
    brief = replace(FULL, kind=kind, run="python train.py")
    task = Task("T2", brief, 0.0)
    assert brief_from(drafted(brief), FLEET, ["ant"], task) == brief


def test_a_template_says_what_an_experiment_runs(repo: Path) -> None:
    template = Template(kind=TaskKind.EXPERIMENT, run="starter")
    begun = beginning(TaskDraft(title="Warm up", repo=str(repo)), template)
    brief = Brief("Warm up", kind=TaskKind.EXPERIMENT, run="starter")
    assert brief_from(begun, FLEET, [], template=template) == brief
    own = replace(brief, run="python train.py")
    assert brief_from(replace(begun, run=own.run), FLEET, [], template=template) == own
    assert brief_from(replace(begun, run=""), FLEET, [], template=template).run == ""
    assert brief_from(replace(begun, kind="chore"), FLEET, [], template=template).run == ""


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("repo", "", "no repository"),
        ("needs", "T9", "there is no task T9"),
        ("spec", "wasp", "no spec wasp"),
        ("budget", "many", "no budget"),
        ("priority", "soon", "priority"),
        ("command", "pytest 'q", "No closing quotation"),
        ("command", "", "give the one that has to pass"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(
    repo: Path, field: str, value: str, told: str
) -> None:
    fields = {"title": "x", "repo": str(repo), "judge": "command", "command": "true"}
    draft = TaskDraft(**(fields | {field: value}))
    with pytest.raises(DraftError) as error:
        brief_from(draft, FLEET, ["ant"])
    assert told in str(error.value)


def test_a_template_leaves_the_prompt_of_the_user_alone() -> None:
    begun = beginning(TaskDraft(prompt="mine"), TEMPLATES["mend"])
    assert (begun.prompt, begun.command, begun.judge) == ("mine", "pytest -q {file}", "command")
