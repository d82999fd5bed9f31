"""Keys, the box they write in, and how text is laid out."""

import re

import pytest
from hypothesis import given, strategies as st

from command_center.agent.box import Box
from command_center.agent.cells import fitted, width, wrapped
from command_center.agent.keys import Key, Keyboard
from command_center.agent.markdown import Markdown

DRESS = re.compile(r"\x1b\[\d*m")


def typed(*pieces: bytes) -> list[Key]:
    keyboard = Keyboard()
    return [key for piece in pieces for key in keyboard.feed(piece)] + keyboard.flush()


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b"ab", [Key("text", "ab")]),
        (b"\r\n\x03\x04", [Key("enter"), Key("newline"), Key("interrupt"), Key("leave")]),
        (b"\x1b", [Key("escape")]),
        (b"\x1b\r", [Key("newline")]),
        (b"\x1b[A\x1bOB\x1b[3~", [Key("up"), Key("down"), Key("delete")]),
        (b"\x1b[99;9~x", [Key("text", "x")]),
        ("é☃".encode(), [Key("text", "é☃")]),
        (b"\x1b[200~a\r\nb\x1b[Ac\x1b[201~d", [Key("paste", "a\nb\x1b[Ac"), Key("text", "d")]),
    ],
)
def test_keys_come_whole_in_any_pieces(body: bytes, keys: list[Key]) -> None:
    assert typed(body) == keys
    whole = typed(*(bytes([byte]) for byte in body))
    texts = "".join(key.text for key in keys if key.name == "text")
    assert "".join(key.text for key in whole if key.name == "text") == texts
    assert [k for k in whole if k.name != "text"] == [k for k in keys if k.name != "text"]


def written(*keys: Key) -> Box:
    box = Box()
    for key in keys:
        box.press(key)
    return box


def test_the_cursor_moves_through_lines() -> None:
    box = written(Key("paste", "one\ntwo\nthree"), Key("up"), Key("home"), Key("text", ">"))
    assert box.text == "one\n>two\nthree"
    assert (box.row, box.column) == (1, 1)


def test_clear_takes_a_line_and_its_break() -> None:
    box = written(Key("paste", "one\ntwo\nthree"), Key("clear"))
    assert box.text == "one\ntwo"
    box.press(Key("clear"))
    box.press(Key("clear"))
    assert box.text == ""


def test_words_are_deleted_and_lines_cut() -> None:
    assert written(Key("text", "fix the bug"), Key("word-back")).text == "fix the "
    assert written(Key("text", "fix it"), Key("home"), Key("kill")).text == ""


def test_what_was_sent_comes_back_by_up() -> None:
    box = written(Key("text", "first"))
    assert box.take() == "first"
    box.press(Key("up"))
    assert box.text == "first"
    box.press(Key("down"))
    assert box.text == ""


def test_a_box_knows_whether_all_of_it_was_typed() -> None:
    box = written(Key("paste", "/mode"), Key("text", " full"))
    assert box.has_paste
    box.take()
    box.press(Key("text", "/mode full"))
    assert not box.has_paste


@given(st.text(max_size=200), st.integers(4, 40))
def test_no_line_is_wider_than_there_is_room(text: str, room: int) -> None:
    lines = wrapped(text.replace("\n", " "), room)
    assert all(width(line) <= room for line in lines)
    assert width(fitted(text, room)) <= room


@given(st.text("ab c", max_size=80), st.integers(4, 20))
def test_wrapping_loses_no_word(text: str, room: int) -> None:
    assert "".join("".join(wrapped(text, room)).split()) == "".join(text.split())


def shown(text: str, room: int = 40) -> list[str]:
    markdown = Markdown()
    return [line for told in text.split("\n") for line in markdown.lines(told, room)]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# Title #", ["Title"]),
        ("a **bold** and `code`", ["a bold and code"]),
        ("```python\nx = `1`\n```\nout", ["  x = `1`", "out"]),
        ("- one\n2. two", ["• one", "2. two"]),
        ("> said", ["│ said"]),
        ("2 * 3 ** 4 __init__", ["2 * 3 ** 4 init"]),
    ],
)
def test_markdown_becomes_text(text: str, plain: list[str]) -> None:
    assert [DRESS.sub("", line) for line in shown(text)] == plain


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J\x1b]0;title\x07hello", "`\x1b[31m`hello", "\x1bPq#0\x1b\\hello", "\x9b2Jhello"],
)
def test_what_a_model_says_never_reaches_the_terminal_as_a_sequence(text: str) -> None:
    for line in shown(text):
        bare = DRESS.sub("", line)
        assert all(character.isprintable() for character in bare)


@given(st.text(max_size=120), st.integers(8, 40))
def test_dressed_lines_fit_and_keep_their_words(text: str, room: int) -> None:
    for line in shown(text, room):
        assert width(DRESS.sub("", line)) <= room
