"""What a captured line may put on the screen."""

import unicodedata

import pytest
from hypothesis import example, given, strategies as st
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from command_center.domain.text import plain
from command_center.tui.ansi import PLAIN, drawn, pen_after, strip_of, with_cursor

PIECES = st.one_of(
    st.text(max_size=6),
    st.binary(max_size=6).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.text("0123456789;:", max_size=9).map(lambda codes: f"\x1b[{codes}m"),
    st.sampled_from(
        ["\x1b]8;;http://x\x1b\\", "\x1b]0;t\x07", "\x1b[2J", "\x1b[?25h", "\x9b5n", "\x0e", "\x0f"]
    ),
    st.sampled_from(
        ["日本", "👩‍💻", "👍🏽", "⚠\ufe0f", "e\u0301", "\u202e", "\t", "\r\n", "🇩🇪", "\ud800"]
    ),
)
LINES = st.lists(PIECES, max_size=12).map("".join)


def style_of(codes: str) -> Style:
    [segment, *_] = strip_of(f"\x1b[{codes}mx", 1)
    return segment.style or Style.null()


@example("\x1b[38;:m", 4)
@given(LINES, st.integers(0, 30))
def test_any_line_fills_exactly_the_width_with_printable_cells(raw: str, width: int) -> None:
    strip = strip_of(raw, width)
    assert strip.cell_length == width
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert plain(strip.text) == strip.text
    assert not {unicodedata.category(c) for c in strip.text} & {"Cc", "Cs", "Zl", "Zp"}


@given(LINES, st.integers(1, 30), st.integers(-1, 31))
def test_a_cursor_never_changes_the_width_or_the_text(raw: str, width: int, column: int) -> None:
    strip = strip_of(raw, width)
    marked = with_cursor(strip, column)
    assert sum(cell_len(segment.text) for segment in marked) == width


@given(LINES, LINES)
def test_a_line_is_drawn_with_the_pen_the_line_above_left(above: str, below: str) -> None:
    whole = drawn(above + "\x1b[0m\x0f" + below, 500, PLAIN).text
    halves = drawn(above, 500, PLAIN).text.rstrip() + drawn(below, 500, PLAIN).text.rstrip()
    assert len(halves) <= len(whole)
    assert pen_after(above + below, PLAIN) == pen_after(below, pen_after(above, PLAIN))


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("1", Style(bold=True)),
        ("2;3;9", Style(dim=True, italic=True, strike=True)),
        ("4:3", Style(underline=True)),
        ("4;4:0", Style.null()),
        ("7", Style(reverse=True)),
        ("1;22", Style.null()),
        ("31", Style(color=Color.from_ansi(1))),
        ("97", Style(color=Color.from_ansi(15))),
        ("41", Style(bgcolor=Color.from_ansi(1))),
        ("100", Style(bgcolor=Color.from_ansi(8))),
        ("31;39", Style.null()),
        ("38;5;200;1", Style(color=Color.from_ansi(200), bold=True)),
        ("48;5;17", Style(bgcolor=Color.from_ansi(17))),
        ("38;2;1;2;3;4", Style(color=Color.from_rgb(1, 2, 3), underline=True)),
        ("38:2::1:2:3", Style(color=Color.from_rgb(1, 2, 3))),
        ("38:2:1:2:3", Style(color=Color.from_rgb(1, 2, 3))),
        ("48:5:9;1", Style(bgcolor=Color.from_ansi(9), bold=True)),
        ("58;5;3;1", Style(bold=True)),
        ("58:2::9:9:9;1", Style(bold=True)),
        ("31;0", Style.null()),
        ("31;", Style.null()),
        ("", Style.null()),
        ("38;5;999;1", Style(bold=True)),
        ("99999999999;1", Style(bold=True)),
    ],
)
def test_sgr_means_what_xterm_says(codes: str, style: Style) -> None:
    assert style_of(codes) == style


def test_line_drawing_characters_are_drawn_until_shifted_back() -> None:
    assert strip_of("\x0elqk\x0fx", 5).text == "┌─┐x "
    assert drawn("x", 1, pen_after("\x0elq\x1b[0mk", PLAIN)).text == "│"


def test_a_hyperlink_leaves_only_its_text() -> None:
    assert strip_of("\x1b]8;id=1;http://x.test\x1b\\link\x1b]8;;\x1b\\!", 6).text == "link! "


def test_an_emoji_with_a_variation_selector_takes_one_column_as_in_tmux() -> None:
    assert strip_of("⚠\ufe0f|", 2).text == "⚠|"


def test_a_cursor_covers_the_whole_of_a_wide_character() -> None:
    strip = with_cursor(strip_of("日本x", 8), 2)
    assert [segment.text for segment in strip if segment.style and segment.style.reverse] == ["本"]


def test_a_cursor_on_a_reversed_cell_stays_visible() -> None:
    strip = with_cursor(Strip([Segment("ab", Style(reverse=True))]), 0)
    assert [bool(segment.style and segment.style.reverse) for segment in strip] == [False, True]


def test_a_link_of_the_program_is_underlined_and_leaves_no_sequence() -> None:
    raw = "a\x1b]8;id=7;https://x.example\x1b\\link\x1b[31m!\x1b]8;;\x1b\\b"
    strip = strip_of(raw, 7)
    assert strip.text == "alink!b"
    lines = [(s.text, bool(s.style and s.style.underline)) for s in strip]
    assert lines == [("a", False), ("link", True), ("!", True), ("b", False)]
    assert all(s.style is None or not s.style.link for s in strip)
