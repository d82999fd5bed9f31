"""What a search finds and a selection copies."""

from hypothesis import given, strategies as st
from rich.cells import cell_len

from command_center.tui.ansi import strip_of
from command_center.tui.marks import FOUND, Mark, Selection, Spot, marked, word_around
from command_center.tui.pane_search import Match, Search, searched

LINES = ["a needle", "日本 Needle needle", "hay"]


def test_matches_are_told_in_columns() -> None:
    search = searched(LINES, "needle", 99)
    assert search.matches == (Match(0, 2, 8), Match(1, 5, 11), Match(1, 12, 18))


def test_a_capital_makes_letter_case_count() -> None:
    assert searched(LINES, "Needle", 99).matches == (Match(1, 5, 11),)


def test_the_newest_match_above_is_shown_first() -> None:
    assert searched(LINES, "needle", 99).at == 2
    assert searched(LINES, "needle", 1).at == 0


def test_a_needle_is_text_and_no_pattern() -> None:
    assert searched(["a.b", "axb"], "a.b", 9).matches == (Match(0, 0, 3),)


def test_steps_go_around_the_ends() -> None:
    search = searched(LINES, "needle", 99)
    assert [search.stepped(step).at for step in (-1, 1, -3)] == [1, 0, 2]
    assert Search("x").stepped(1).at == -1


def test_only_the_marks_of_the_line_are_given() -> None:
    search = searched(LINES, "needle", 99)
    assert search.marks(0) == [Mark(2, 8, FOUND)]
    assert [mark.start for mark in search.marks(1)] == [5, 12]
    assert search.marks(2) == []


@given(st.text(max_size=20), st.integers(1, 30), st.integers(-2, 32), st.integers(-2, 32))
def test_a_mark_never_changes_the_width(text: str, width: int, start: int, end: int) -> None:
    strip = marked(strip_of(text, width), [Mark(start, end, FOUND)])
    assert sum(cell_len(segment.text) for segment in strip) == width


def test_a_selection_copies_what_lies_between_its_ends() -> None:
    lines = ["zero one  ", "two\x1b[31m!\x1b[0m", "three four"]
    forward = Selection(Spot(7, 5), Spot(9, 4))
    backward = Selection(Spot(9, 4), Spot(7, 5))
    assert forward.text(lines, 80) == backward.text(lines, 80) == "one\ntwo!\nthree"


def test_a_copy_holds_no_control_sequences() -> None:
    hostile = ["\x1b]52;c;AAAA\x07safe\x1b[5n\x9b\u202e"]
    assert Selection(Spot(0, 0), Spot(0, 79)).text(hostile, 80) == "safe"


def test_a_word_ends_at_blanks() -> None:
    assert word_around("see src/cart.py now", 6) == (4, 14)
    assert word_around("日本 x", 1) == (0, 3)
    assert word_around("a b", 1) == (1, 1)
    assert word_around("a", 50) == (50, 50)
