"""A goal is planned beside the dashboard, changed by keys, and added only then."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.widgets import TextArea

from command_center.domain.errors import ModelError
from command_center.domain.niches import ModelChoice, ModelSettings, Provider
from command_center.domain.plans import Proposal
from command_center.domain.task_intents import AddTasks
from command_center.domain.tasks import Brief, Check, Judge, TaskKind
from command_center.tui.dialogs.goal import Goal, GoalDialog
from command_center.tui.dialogs.plan import Decision, PlanDialog
from command_center.tui.dialogs.planning import PlanningDialog
from tests.tui.dialog_app import NOTHING_YET, Asking

LOOK = Brief("Look", prompt="Look well.", kind=TaskKind.RESEARCH)
CACHE = Brief("Cache", needs=("#1",), check=Check(Judge.COMMAND, ("pytest", "-q")))
TELL = Brief("Tell", needs=("#2",), touches=("docs/*.md",))
MADE = Proposal("big-1 (frontier)", (LOOK, CACHE, TELL), 0.031, 12.0)
SIZES = [(80, 24), (200, 60)]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    return tmp_path


def plan_app(repo: Path, made: Proposal = MADE) -> Asking[Decision]:
    return Asking(PlanDialog(made, repo))


def added(app: Asking[Decision]) -> tuple[Brief, ...]:
    assert isinstance(app.answer, Decision)
    assert isinstance(app.answer.intent, AddTasks)
    return app.answer.intent.briefs


def needs(briefs: tuple[Brief, ...]) -> dict[str, tuple[str, ...]]:
    return {brief.title: brief.needs for brief in briefs}


@pytest.mark.parametrize("size", SIZES)
async def test_a_plan_is_shown_whole_before_anything_is_added(
    repo: Path, size: tuple[int, int]
) -> None:
    app = plan_app(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press("down")
        assert "by big-1 (frontier) · $0.03 · 12 s" in app.text
        assert "#1  research   Look  you say so" in app.text
        assert "#2  feature    └ Cache  needs #1  runs pytest -q" in app.text
        assert "#3  feature      └ Tell" in app.text
        assert "done when runs pytest -q" in app.text
        assert "3 tasks, 1 of them can start at once" in app.text
        assert app.answer is NOTHING_YET


async def test_ctrl_s_queues_the_tasks(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
    assert isinstance(app.answer, Decision)
    assert app.answer.intent == AddTasks((LOOK, CACHE, TELL), str(repo))


async def test_ctrl_d_keeps_them_as_drafts(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+d")
    assert isinstance(app.answer, Decision)
    assert app.answer.intent == AddTasks((LOOK, CACHE, TELL), str(repo), is_queued=False)


async def test_a_task_is_moved_and_its_needs_follow(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("J", "J", "ctrl+s")
    assert needs(added(app)) == {"Cache": ("#3",), "Tell": ("#1",), "Look": ()}


async def test_a_deleted_task_hands_its_needs_on(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("down", "x", "ctrl+s")
    assert needs(added(app)) == {"Look": (), "Tell": ("#1",)}


async def test_the_last_task_cannot_be_added_away(repo: Path) -> None:
    app = plan_app(repo, Proposal("hand", (LOOK,)))
    async with app.run_test() as pilot:
        await pilot.press("x", "x", "e", "J", "right", "left", "ctrl+s")
        assert "there are no tasks" in app.text
        assert app.answer is NOTHING_YET


async def test_arrows_say_what_is_needed(repo: Path) -> None:
    app = plan_app(repo, Proposal("hand", (Brief("a"), Brief("b"), Brief("c"))))
    async with app.run_test() as pilot:
        await pilot.press("down", "right", "down", "right", "right", "up", "left", "ctrl+s")
    assert needs(added(app)) == {"a": (), "b": (), "c": ("#2",)}


async def test_a_circle_is_refused_and_said(repo: Path) -> None:
    app = plan_app(repo, Proposal("hand", (Brief("a", needs=("#2",)), Brief("b"))))
    async with app.run_test() as pilot:
        await pilot.press("down", "right")
        assert "#1 needs #2 needs #1: none of them could start" in app.text
        await pilot.press("ctrl+s")
    assert needs(added(app)) == {"a": ("#2",), "b": ()}


async def test_a_task_is_edited_as_markdown(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("down", "e")
        assert "check: pytest -q" in app.text
        await pilot.press("end", *" well", "ctrl+s", "ctrl+s")
    assert [brief.title for brief in added(app)] == ["Look", "Cache well", "Tell"]
    assert needs(added(app))["Cache well"] == ("#1",)


async def test_an_edit_that_cannot_be_read_says_where(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("down", "e")
        app.screen.query_one(TextArea).text = "## Cache\n\nkind: war\n"
        await pilot.press("ctrl+s")
        assert "Invalid enum value 'war'" in app.said
        await pilot.press("escape", "ctrl+s")
    assert added(app) == (LOOK, CACHE, TELL)


async def test_the_whole_plan_is_edited_as_markdown(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("m")
        app.screen.query_one(TextArea).text += "\n## More\n\nneeds: Look\n"
        await pilot.press("ctrl+s", "ctrl+s")
    assert needs(added(app)) == {"Look": (), "Cache": ("#1",), "Tell": ("#2",), "More": ("#1",)}


async def test_a_new_task_comes_below_the_selected_one(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("n", "ctrl+s")
    assert needs(added(app)) == {"Look": (), "New task": (), "Cache": ("#1",), "Tell": ("#3",)}


async def test_escape_puts_the_plan_aside_as_it_is(repo: Path) -> None:
    app = plan_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("x", "escape")
    assert isinstance(app.answer, Decision)
    assert app.answer.intent is None
    assert needs(app.answer.made.tasks) == {"Cache": (), "Tell": ("#1",)}


async def test_hostile_text_is_shown_in_plain(repo: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e[bold]x[/bold]"
    brief = Brief(evil, prompt=evil, touches=(evil,), check=Check(Judge.COMMAND, (evil,)))
    app = plan_app(repo, Proposal(evil, (brief,), note=evil))
    async with app.run_test(size=(120, 40)):
        assert "[bold]x[/bold]" in app.text
        assert not {"\x1b", "\x07", "\u202e"} & set(app.text)


MODELS = ModelSettings(
    frontier=ModelChoice(Provider.OPENAI, "big-1"), workhorse=ModelChoice(Provider.OPENAI, "mule")
)


def goal_app(repo: Path | None, models: ModelSettings = MODELS) -> Asking[Goal | None]:
    return Asking(GoalDialog(models, repo, Goal()))


@pytest.mark.parametrize("size", SIZES)
async def test_a_goal_is_asked_for(repo: Path, size: tuple[int, int]) -> None:
    app = goal_app(repo)
    async with app.run_test(size=size) as pilot:
        assert "big-1 (frontier)" in app.text
        await pilot.press(*"go", "ctrl+s")
    assert app.answer == Goal("go", str(repo))


async def test_a_choice_without_room_is_cut_and_says_so(repo: Path) -> None:
    app = goal_app(repo, ModelSettings())
    async with app.run_test(size=(40, 24)):
        assert "‹ an installed agent" in app.text
        assert "… ›" in app.text


async def test_another_model_can_be_chosen(repo: Path) -> None:
    app = goal_app(repo)
    async with app.run_test() as pilot:
        await pilot.press(*"go", "tab", "tab", "right", "ctrl+s")
    assert app.answer == Goal("go", str(repo), "workhorse")


async def test_without_a_model_it_is_said_who_is_asked(repo: Path) -> None:
    app = goal_app(repo, ModelSettings())
    async with app.run_test():
        assert "an installed agent CLI, on its own account (no model is set) ›" in app.text


async def test_a_text_can_be_the_tasks_themselves(repo: Path) -> None:
    app = goal_app(repo)
    async with app.run_test() as pilot:
        await pilot.press(*"- [ ] Look", "enter", *"- [ ] Do", "ctrl+o")
    assert isinstance(app.answer, Goal)
    assert app.answer.by_hand == Proposal("hand", (Brief("Look"), Brief("Do")))


async def test_nothing_at_all_begins_a_plan_by_hand(repo: Path) -> None:
    app = goal_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+o")
    assert isinstance(app.answer, Goal)
    assert app.answer.by_hand == Proposal("hand", (Brief("First task"),))


@pytest.mark.parametrize(
    ("keys", "words"),
    [(["ctrl+s"], "a plan needs a goal"), ([*"words", "ctrl+o"], "no tasks; write one per")],
)
async def test_a_goal_that_cannot_be_planned_says_why(
    repo: Path, keys: list[str], words: str
) -> None:
    app = goal_app(repo)
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        assert words in app.said
        assert app.answer is NOTHING_YET


async def test_outside_of_a_repository_nothing_is_planned() -> None:
    app = goal_app(None)
    async with app.run_test() as pilot:
        await pilot.press(*"go", "ctrl+s")
        assert "no repository: give the path of one" in app.said


def waiting(plan: Callable[[], Awaitable[Proposal]]) -> Asking[Proposal | str | None]:
    return Asking(PlanningDialog(plan, "cache \x1b[2J it"))


async def test_a_plan_is_waited_for() -> None:
    asked = asyncio.Event()

    async def plan() -> Proposal:
        await asked.wait()
        return MADE

    app = waiting(plan)
    async with app.run_test() as pilot:
        assert "cache it" in app.said
        asked.set()
        await pilot.pause()
    assert app.answer == MADE


async def test_a_failure_to_plan_is_told() -> None:
    async def plan() -> Proposal:
        raise ModelError("no credit left")

    app = waiting(plan)
    async with app.run_test() as pilot:
        await pilot.pause()
    assert app.answer == "no credit left"


async def test_giving_up_ends_who_is_asked() -> None:
    ended = asyncio.Event()

    async def plan() -> Proposal:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    app = waiting(plan)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await asyncio.wait_for(ended.wait(), 20)
    assert app.answer is None
