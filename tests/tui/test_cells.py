"""What a line says: its text, and how it shares its width."""

import unicodedata

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from command_center.domain.model import Agent, Diff, Order, State
from command_center.tui.cells import (
    Cells,
    age,
    cells,
    fitted,
    fitted_end,
)
from command_center.tui.columns import Column
from command_center.tui.line_parts import agent_lines
from command_center.tui.widths import Widths, shared, shared_roomy
from tests.tui.list_app import agent

ANY_TEXT = st.text(max_size=40)
CONTROLS = ("Cc", "Cs", "Zl", "Zp")
SHARES = [shared, shared_roomy]


def texts(line: Cells, widths: Widths, is_selected: bool = False) -> list[str]:
    lines = agent_lines(line, widths, is_selected)
    return ["".join(part for part, _ in parts) for parts in lines]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (200000, "2d")],
)
def test_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert age(seconds) == text


def hostile(name: str, reason: str, task: str, branch: str) -> Cells:
    order = Order("able", "shop", branch, "HEAD", "/t", prompt=task)
    one = Agent("id", name, order, 0.0, state=State.WAITING, reason=reason, diff=Diff(1, 2, 3))
    return cells(one, "able", "", "5m")


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_control_character_reaches_a_line(
    name: str, reason: str, task: str, branch: str
) -> None:
    line = hostile(name, reason, task, branch)
    for share in SHARES:
        text = "".join(texts(line, share(120, [line]), True))
        assert not [c for c in text if unicodedata.category(c) in CONTROLS]


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=40), st.integers(0, 30))
def test_a_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted_end(text, width)) == width


def test_a_branch_keeps_the_end_that_tells_it_apart() -> None:
    assert fitted_end("agents/barbara", 9) == "…/barbara"


@given(st.integers(40, 220), st.text("abcdefgh 日本", max_size=60), st.text("xyz ", max_size=60))
def test_a_line_has_exactly_the_width_of_the_list(width: int, name: str, task: str) -> None:
    line = hostile(name, "a reason", task, "agents/x")
    for share in SHARES:
        for text in texts(line, share(width, [line])):
            assert cell_len(text) == width


def test_a_badge_stands_in_every_width() -> None:
    line = cells(agent("ada", task="Try it"), "able", "demo: no model", "5m")
    for width in range(40, 200, 10):
        for share in SHARES:
            assert "demo: no model" in "".join(texts(line, share(width, [line])))


def test_two_lines_say_more_than_one() -> None:
    line = hostile("ada", "permission: Bash rm -rf build", "Fix the test", "agents/ada")
    first, second = texts(line, shared_roomy(80, [line]), True)
    assert first == "▌ ● waiting    5m  ada  able".ljust(74) + "+1 -2 "
    assert second.rstrip() == "▌   permission: Bash rm -rf build · Fix the test · agents/ada"


def test_a_second_line_cuts_the_branch_first_and_the_reason_last() -> None:
    line = hostile("ada", "permission: Bash", "Fix the test", "agents/ada")
    seconds = [texts(line, shared_roomy(w, [line]))[1].strip() for w in (50, 48, 40, 24)]
    assert seconds == [
        "permission: Bash · Fix the test · agents/ada",
        "permission: Bash · Fix the test · …ents/ada",
        "permission: Bash · Fix the test",
        "permission: Bash",
    ]


def test_one_line_gives_up_columns_for_the_reason_of_who_waits() -> None:
    reason = "permission: Bash rm -rf build and dist"
    line = hostile("ada", reason, "Fix the test", "agents/ada")
    [text] = texts(line, shared(80, [line]))
    assert reason in text


def test_a_badge_keeps_its_column_while_an_agent_waits() -> None:
    line = cells(agent("ada", State.WAITING, task="Try it"), "able", "demo: no model", "5m")
    asking = replace(line, reason="permission: run `python demo_write_about_soup.py`")
    assert [shared(85, [each]).of(Column.SPEC) for each in (line, asking)] == [14, 14]
