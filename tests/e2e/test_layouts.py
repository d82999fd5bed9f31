"""Layouts in a real terminal: turned, typed into, and there again."""

import re
from collections.abc import Callable

from tests.e2e.stage import Stage

Crew = Callable[[str], str]


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
    screen.until_shown(*names)
    screen.press("l")
    screen.press("Enter")
    text = screen.until_shown("every other key goes to", "ctrl+] leaves")
    [typed_to] = re.findall(r"key goes to (\w+)", text)
    screen.type_text("hello wall")
    screen.press("Enter")
    stage.until_received(typed_to, "hello wall")
    screen.press("C-]")
    screen.until_shown("n new")


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
