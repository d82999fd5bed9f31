"""The task screens in the whole dashboard, for tests."""

from rich.cells import cell_len
from textual.pilot import Pilot

from command_center.domain.intents import Intent
from command_center.tui.board import TaskBoard
from command_center.tui.board_screen import BoardScreen
from tests.tui.world import Recording, World, screen, until, until_shown

SIZES = [(80, 24), (200, 60)]


def board(app: Recording) -> TaskBoard:
    return app.screen.query_one(TaskBoard)


async def opened(pilot: Pilot[None], app: Recording, key: str = "b") -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, BoardScreen), "the board is open")
    await pilot.pause()


async def until_asked(pilot: Pilot[None], world: World, *intents: Intent) -> None:
    await until(pilot, lambda: world.asked() == list(intents), f"{intents} are asked")


async def chosen(pilot: Pilot[None], app: Recording, name: str) -> None:
    board(app).select(name)
    await pilot.pause()
    assert board(app).selected == name


async def at(pilot: Pilot[None], app: Recording, words: str) -> tuple[int, int]:
    await until_shown(pilot, app, words)
    lines = screen(app)
    y = next(number for number, line in enumerate(lines) if words in line)
    return cell_len(lines[y].partition(words)[0]), y
