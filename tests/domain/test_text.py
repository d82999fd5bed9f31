import unicodedata

import pytest
from hypothesis import given, strategies as st

from command_center.domain.text import fenced, one_line, plain

# Dense in what matters: terminal sequences, and characters that hide or turn others around.
PIECES = (
    *("\x1b", "[", "]", "0;", "31m", "\x07", "\\", "P", "(B", "\x9b", "\x9d", "\x00", "\r"),
    *("\u202e", "\u2066", "\u200b", "\ud800", "\U000e0041", "\ufeff", "\t", "\n", " ", "x", "語"),
)
hostile = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)
TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def is_harmless(character: str) -> bool:
    if character in "\t\n":
        return True
    turns = unicodedata.bidirectional(character) in TURNING
    return unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") and not turns


@given(hostile)
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    assert [c for c in plain(text) if not is_harmless(c)] == []


@given(hostile)
def test_plain_text_can_be_written(text: str) -> None:
    plain(text).encode("utf-8")


@given(hostile)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("\t\n")))
def test_ordinary_text_is_not_touched(text: str) -> None:
    assert plain(text) == text


@given(hostile, st.integers(min_value=0, max_value=20))
def test_one_line_is_one_line_of_the_width_asked_for(text: str, width: int) -> None:
    line = one_line(text, width)
    assert len(line.splitlines()) <= 1
    assert not width or len(line) <= width
    assert one_line(line, width) == line


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;file:///x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP+q544e\x1b\\x", "x"),
        ("\x1b]52;c;c2VjcmV0\x07", ""),
        ("\x1b]0;never ended", ""),
        ("a\x1b", "a"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("a\tb\nc", "a\tb\nc"),
        ("\u2066\U000e0049\U000e0047", ""),
    ],
)
def test_a_sequence_goes_with_all_its_parts(raw: str, shown: str) -> None:
    assert plain(raw) == shown


def test_a_long_line_is_cut_with_an_ellipsis() -> None:
    assert one_line("one  two\nthree", 8) == "one two…"


def test_nothing_in_a_fenced_text_ends_its_block() -> None:
    assert fenced("a") == "```\na\n```"
    assert fenced("```\n````\n~~~") == "`````\n```\n````\n~~~\n`````"
