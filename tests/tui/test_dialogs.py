"""The questions the dashboard asks, answered by keys."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.screen import ModalScreen

from command_center.domain.budgets import Cap
from command_center.domain.intents import Launch, Remove
from command_center.domain.model import Agent, Claim, Order, Phase, Source, State
from command_center.domain.specs import parse
from command_center.domain.text import plain
from command_center.store.settings import LimitSettings, Settings
from command_center.tui.dialogs.branch_offers import Branches
from command_center.tui.dialogs.confirm import ConfirmDialog
from command_center.tui.dialogs.explain import ExplainDialog
from command_center.tui.dialogs.fields import Tick
from command_center.tui.dialogs.launch import LaunchDialog
from command_center.tui.dialogs.prompt import PromptDialog
from command_center.tui.dialogs.removal import RemovalDialog
from command_center.tui.kit import Kit
from tests.tui.dialog_app import NOTHING_YET, Asking

ORDER = Order("ant", "repo", "agents/ada", "HEAD", "/w/ada")
ADA = Agent("ada-1", "ada", ORDER, 0.0, phase=Phase.LIVE, state=State.IDLE)
SIZES = [(80, 24), (200, 60)]


def kit() -> Kit:
    modes: dict[str, list[str]] = {"ask": [], "edits": [], "plan": [], "full": []}
    specs = {
        name: parse(
            {
                "id": name,
                "name": name.title(),
                "install": f"get {name}",
                "binary": {"names": [name]},
                "launch": {"argv": ["${binary}"], "modes": modes},
            },
            f"{name}.toml",
        )
        for name in ("ant", "bee", "cat")
    }
    return Kit(specs, installed=("ant", "bee"), is_known=True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    return tmp_path


async def no_branches(_: Path) -> list[str]:
    return []


def launch_app(
    repo: Path | None, settings: Settings | None = None, branches: Branches = no_branches
) -> Asking[list[Launch]]:
    return Asking(LaunchDialog(kit(), (), repo, settings or Settings(), branches))


@pytest.mark.parametrize("size", SIZES)
async def test_launch_offers_one_of_the_first_installed(repo: Path, size: tuple[int, int]) -> None:
    app = launch_app(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ctrl+s")
    assert app.answer == [Launch("ant", str(repo))]


async def test_launch_offers_the_spec_of_the_settings(repo: Path) -> None:
    app = launch_app(repo, Settings(spec="bee"))
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
    assert app.answer == [Launch("bee", str(repo))]


async def test_three_of_one_and_one_of_another_share_a_prompt(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("plus", "plus", "down", "1", "tab", *"go", "enter", *"on", "ctrl+s")
    ant, bee = Launch("ant", str(repo), "go\non"), Launch("bee", str(repo), "go\non")
    assert app.answer == [ant, ant, ant, bee]


async def test_two_digits_make_one_count(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("1", "2", "minus", "ctrl+s")
    assert isinstance(app.answer, list)
    assert len(app.answer) == 11


async def test_a_missing_cli_says_how_to_install_it_and_cannot_be_chosen(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "not installed: get cat" in app.text
        await pilot.press("minus", "down", "down", "space", "plus", "5", "ctrl+s")
        assert app.answer is NOTHING_YET
        assert "no agent chosen" in app.said


async def test_how_to_install_is_cut_with_an_ellipsis(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test(size=(46, 24)):
        assert "not installed:…" in app.text


async def test_each_line_can_be_a_prompt_of_its_own(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("tab", "a", "enter", "b", "tab", "space", "ctrl+s")
    assert app.answer == [Launch("ant", str(repo), "a"), Launch("ant", str(repo), "b")]


async def test_all_fields_are_reached_by_tab_alone(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("tab", "tab", "tab", "tab", *"v1", "tab", *"x", "tab", *"big")
        await pilot.press("tab", *"2usd", "tab", "right", "right", "tab", "space")
        await pilot.press("tab", "space", "tab", "enter")
    named = Launch("ant", str(repo), base="v1", branch="x", model="big", mode="edits")
    assert app.answer == [replace(named, trusts_repo=True, budget=Cap(money=2.0), comes_back=True)]


async def test_a_form_that_offers_a_resume_launches_without_one_when_told_so(repo: Path) -> None:
    app = launch_app(repo, Settings(limits=LimitSettings(resume=True)))
    async with app.run_test() as pilot:
        app.screen.query_one("#comes-back", Tick).focus()
        await pilot.press("space", "ctrl+s")
    assert app.answer == [Launch("ant", str(repo), comes_back=False)]


async def test_a_problem_is_said_in_the_form_and_launches_nothing() -> None:
    app = launch_app(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+s")
        assert "no repository" in app.text
        assert app.answer is NOTHING_YET


async def test_the_form_says_what_will_happen(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "down", "plus")
        assert "launches 5 agents: 4 × Ant, 1 × Bee" in app.text


@pytest.mark.parametrize("size", SIZES)
async def test_the_whole_form_is_on_the_screen(repo: Path, size: tuple[int, int]) -> None:
    app = launch_app(repo)
    async with app.run_test(size=size):
        for words in ("Launch agents", "Prompt", "Repository", "I trust", "Launch ", "esc closes"):
            assert words in app.text


async def test_escape_launches_nothing(repo: Path) -> None:
    app = launch_app(repo)
    async with app.run_test() as pilot:
        await pilot.press("escape")
    assert app.answer is None


async def test_a_prompt_of_several_lines_is_the_answer() -> None:
    app = Asking(PromptDialog(ADA))
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"two", "ctrl+s")
    assert app.answer == "one\ntwo"


async def test_an_empty_prompt_is_not_sent() -> None:
    app = Asking(PromptDialog(ADA))
    async with app.run_test() as pilot:
        await pilot.press("space", "ctrl+s")
        assert app.answer is NOTHING_YET
        assert "nothing to send yet" in app.text


async def test_a_waiting_agent_is_said_to_hold_the_prompt() -> None:
    app = Asking(PromptDialog(replace(ADA, state=State.WAITING, reason="approve Bash")))
    async with app.run_test():
        assert "waiting: approve Bash" in app.said
        assert "held until" in app.said


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("enter", True), ("n", False), ("escape", False)]
)
async def test_a_question_is_answered_by_one_key(key: str, answer: bool) -> None:
    app = Asking(ConfirmDialog("Stop it?", "Stop"))
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.answer is answer


async def test_a_removal_is_asked_for_once() -> None:
    app = Asking(RemovalDialog(ADA))
    async with app.run_test() as pilot:
        await pilot.press("y")
    assert app.answer == Remove("ada-1")


async def test_commits_alone_can_be_kept_by_keeping_the_branch() -> None:
    app = Asking(RemovalDialog(ADA, "/w: would lose 1\n  unmerged commit: abc Fix\n"))
    async with app.run_test() as pilot:
        assert "unmerged commit: abc Fix" in app.said
        await pilot.press("k")
    assert app.answer == Remove("ada-1", keeps_branch=True)


async def test_a_refusal_says_the_way_out_without_the_long_path() -> None:
    reason = "/a/long/path/ada: would lose 1 untracked; commit\n  untracked: a"
    app = Asking(RemovalDialog(ADA, reason))
    async with app.run_test():
        assert "t opens a shell there" in app.said
        assert "/a/long/path" not in app.said


@pytest.mark.parametrize(
    "losses", ["  untracked: a", "  unmerged commit: abc Fix\n  uncommitted: M b", ""]
)
async def test_no_other_refusal_offers_a_way_to_remove(losses: str) -> None:
    app = Asking(RemovalDialog(ADA, f"the reason; the way out\n{losses}"))
    async with app.run_test() as pilot:
        assert ("t opens a shell there" if losses else "the reason; the way out") in app.said
        assert all(line.strip() in app.said for line in losses.splitlines())
        await pilot.press("y", "k", "enter")
    assert app.answer is None


async def test_an_explanation_shows_every_rung_and_why_it_won_or_lost() -> None:
    claims = (
        Claim(Source.PUBLISHED, State.WAITING, 940.0, "permission", "sessions/1.json"),
        Claim(Source.HOOKS, State.BUSY, 880.0, evidence="PreToolUse"),
    )
    app = Asking(ExplainDialog(replace(ADA, claims=claims), lambda: 1000.0))
    async with app.run_test():
        for words in ("published", "1m ago", "believed", "sessions/1.json", "lower and older"):
            assert words in app.said


async def test_an_explanation_names_the_silent_and_the_withdrawn() -> None:
    screen = Claim(Source.SCREEN, State.WAITING, 900.0, "permission: make")
    agent = replace(ADA, pid=7, claims=(Claim(Source.OSC, State.BUSY, 990.0),))
    read = (Source.PUBLISHED, Source.OSC, Source.SCREEN)
    app = Asking(ExplainDialog(agent, lambda: 1000.0, read, {Source.SCREEN: screen}))
    async with app.run_test():
        lines = [" ".join(line.split()) for line in app.said.splitlines()]
        for line in (
            "process runs as process 7",
            "published has not spoken",
            "title not read for this kind of agent",
        ):
            assert any(line in shown for shown in lines)
        assert "does not count any more" in app.said


async def test_an_explanation_of_silence_says_so() -> None:
    app = Asking(ExplainDialog(ADA))
    async with app.run_test():
        assert "No source has spoken yet" in app.said


async def test_hostile_words_are_shown_plainly() -> None:
    evil = "\x1b[31m[/]\x07\u202ex"
    hostile = replace(ADA, name=evil, state=State.WAITING, reason=evil)
    claims = (Claim(Source.TITLE, State.BUSY, 0.0, evil, evil),)
    dialogs: list[ModalScreen[Any]] = [
        PromptDialog(hostile),
        RemovalDialog(hostile, f"{evil}\n  {evil}"),
        ExplainDialog(replace(hostile, claims=claims)),
    ]
    for dialog in dialogs:
        app = Asking(dialog)
        async with app.run_test(size=(80, 24)):
            assert app.text.count("[/]x") >= 2
            assert plain(app.text) == app.text
