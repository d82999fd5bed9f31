"""Layouts in a real terminal: turned, typed into, and there again."""

import re

from tests.e2e.conftest import Crew
from tests.e2e.stage import Stage


def to_layout(stage: Stage, name: str) -> None:
    """By its line in the dialog, under whatever digit."""
    screen = stage.screen
    screen.press("V")
    text = screen.until_shown("Layouts", name)
    [line] = [line for line in text.splitlines() if f"  {name} " in line]
    digit = line.split(name)[0].split()[-1]
    screen.press(digit)
    screen.until_shown(f"  {name}")
    screen.until_hidden("─ Layouts")


def test_a_cell_of_the_wall_is_typed_into_where_it_stands(stage: Stage, crew: Crew) -> None:
    screen, names = stage.screen, (crew("left"), crew("right"))
    for name in names:
        stage.launch(name)
    to_layout(stage, "Wall")
    text = screen.until(lambda text: all(number_of(name, text) for name in names))
    screen.press(number_of(names[0], text))
    screen.press("l")
    screen.press("Enter")
    text = screen.until_shown("every other key goes to", "ctrl+] leaves")
    [typed_to] = re.findall(r"key goes to (\w+)", text)
    screen.type_text("hello wall")
    screen.press("Enter")
    stage.until_received(typed_to, "hello wall")
    screen.press("C-]")
    screen.until_shown("n new")


def test_the_mouse_moves_a_line_while_the_keys_go_into_a_cell(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("wide")
    for each in (name, crew("narrow")):
        stage.launch(each)
    to_layout(stage, "Wall")
    text = screen.until(lambda text: number_of(name, text))
    screen.press(number_of(name, text))
    screen.press("Enter")
    text = screen.until_shown(f"every other key goes to {name}")
    line = first_line(text)
    screen.drag((line, 3), (line - 11, 5))
    screen.until(lambda text: first_line(text) == line - 11)
    screen.type_text("still here")
    screen.press("Enter")
    stage.until_received(name, "still here")
    screen.press("C-]")
    screen.until_shown("n new")


def number_of(name: str, text: str) -> str:
    """The digit that its cell begins with; empty while it has none."""
    found = re.search(rf"(\d) \S+ {name} ", text)
    return found[1] if found else ""


def first_line(text: str) -> int:
    """The column of the line that the first cell ends at; -1 while it is not drawn."""
    return text.split("\n")[3].find("│")


def test_the_layout_is_there_again_at_the_next_start(stage: Stage) -> None:
    screen = stage.screen
    to_layout(stage, "Focus")
    screen.press("q")
    screen.until(lambda _: screen.is_over)
    screen.start_again()
    screen.until_shown("n new", "  Focus")
    screen.press("V")
    screen.until_shown("Layouts")
    screen.press("1")
    screen.until_hidden("  Focus")
