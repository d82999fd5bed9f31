"""The agents' shared board in the dashboard."""

import pytest

from command_center.domain.board import Board, Post, Progress, Reservation
from command_center.domain.model import Agent, Fleet, Order, Phase, State
from command_center.tui.dialogs.notes import NotesDialog
from command_center.tui.palette import NOTES_HELP
from tests.tui.dialog_app import Asking
from tests.tui.world import World, running, until, until_shown

ORDER = Order("ant", "repo", "agents/ada", "HEAD", "/w/ada")
ADA = Agent("ada-1", "ada", ORDER, 0.0, phase=Phase.LIVE, launch="l", state=State.IDLE)
BOARD = Board(
    (
        Post("ada-1", "ada", 940.0, "The API moved.\nSee docs."),
        Post("ada-1", "ada", 970.0, "[b]Evil[/b] \x1b]0;owned\x07note", to="gone"),
    ),
    {"ada-1": Progress("half way", 990.0, 50)},
    {
        "ada-1": Reservation("ada-1", "l", "repo", ("src", "docs/*.md"), 880.0, "renaming"),
        "bob-1": Reservation("bob-1", "l", "repo", ("tests",), 880.0),
    },
)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_board_is_shown_with_the_newest_note_first(size: tuple[int, int]) -> None:
    app = Asking(NotesDialog(Fleet(agents={"ada-1": ADA}, board=BOARD), lambda: 1000.0))
    async with app.run_test(size=size):
        lines = [" ".join(line.strip(" │┃▏▕").split()) for line in app.text.splitlines()]
    shown = [line for line in lines if line]
    wanted = [
        "ada reserves 2m ago",
        "src docs/*.md renaming",
        "ada is at 10s ago",
        "half way (50 %)",
        "ada to one that is gone 30s ago",
        "[b]Evil[/b] note",
        "ada writes 1m ago",
        "The API moved.",
        "See docs.",
    ]
    assert [line for line in shown if line in wanted] == wanted
    assert not any("tests" in line for line in shown)


async def test_an_empty_board_says_so() -> None:
    app = Asking(NotesDialog(Fleet()))
    async with app.run_test():
        assert "No agent has written" in app.said


async def test_the_palette_opens_the_board(world: World) -> None:
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("colon", *"shared board")
        await until_shown(pilot, app, NOTES_HELP)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, NotesDialog), "the board is open")
