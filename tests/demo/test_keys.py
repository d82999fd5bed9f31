"""What is typed and pasted arrives as it was typed and pasted."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from command_center.demo.keys import Key, parse
from tests.cli.house import wait_for
from tests.demo.conftest import Open
from tests.demo.terminal import AGENT, PASTE, PASTE_END

HARD = "two 'lines' \"of\" #(x) ;\n\n\t`y` $z 🙂 é\nend"


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    return tmp_path / "transcript.jsonl"


def prompts(transcript: Path) -> list[str]:
    if not transcript.exists():
        return []
    lines = [json.loads(line) for line in transcript.read_text().splitlines()]
    return [line["text"] for line in lines if line["type"] == "user"]


def test_a_pasted_prompt_keeps_its_lines_and_waits_for_enter(
    open_terminal: Open, transcript: Path
) -> None:
    terminal = open_terminal("--mode=plan", f"--transcript={transcript}")
    terminal.until_shown("demo> ")
    terminal.type(PASTE + HARD.replace("\n", "\r") + PASTE_END)
    terminal.until_shown("....> end")
    assert prompts(transcript) == []
    terminal.type("\r")
    terminal.until_states("idle", "working", "done")
    assert prompts(transcript) == [HARD]


def test_a_line_can_be_corrected_before_it_is_sent(open_terminal: Open, transcript: Path) -> None:
    terminal = open_terminal("--mode=plan", f"--transcript={transcript}")
    terminal.until_shown("demo> ")
    terminal.type("nonsense\x15")
    terminal.type("a\x1b[Dbé\x7f\x1b\rc\x7f\x7fd\r")
    terminal.until_states("idle", "working", "done")
    assert prompts(transcript) == ["abd"]


def test_what_is_typed_during_a_turn_is_the_next_prompt(
    open_terminal: Open, transcript: Path
) -> None:
    terminal = open_terminal(
        "--pace=1", "--mode=full", f"--transcript={transcript}", "--prompt=one"
    )
    terminal.until_shown("Plan:")
    terminal.type("two\r")
    terminal.until(lambda: prompts(transcript) == ["one", "two"])
    assert terminal.states[:4] == ["idle", "working", "done", "working"]


@pytest.fixture
def pane(tmp_path: Path, transcript: Path) -> Iterator[tuple[str, ...]]:
    """The command prefix of a tmux server whose one pane holds the agent."""
    tmux = ("tmux", "-u", "-S", str(tmp_path / "tmux"), "-f", "/dev/null")
    words = ("--mode=plan", f"--transcript={transcript}")
    subprocess.run((*tmux, "new-session", "-d", "-x", "80", "-y", "24", *AGENT, *words), check=True)
    capture = (*tmux, "capture-pane", "-p")
    wait_for(lambda: "demo>" in subprocess.check_output(capture, text=True), "it stands")
    yield tmux
    subprocess.run((*tmux, "kill-server"), check=False)


def test_a_paste_through_tmux_arrives_verbatim(pane: tuple[str, ...], transcript: Path) -> None:
    subprocess.run((*pane, "set-buffer", "-b", "x", "--", HARD), check=True)
    subprocess.run((*pane, "paste-buffer", "-p", "-b", "x"), check=True)
    capture = (*pane, "capture-pane", "-p")
    wait_for(lambda: "....> end" in subprocess.check_output(capture, text=True), "it is pasted")
    subprocess.run((*pane, "send-keys", "Enter"), check=True)
    wait_for(lambda: prompts(transcript) == [HARD], "it is taken")


@given(st.lists(st.text(st.characters(exclude_characters="\x1b\r", exclude_categories=["Cs"]))))
def test_pastes_come_out_as_they_went_in(pastes: list[str]) -> None:
    typed = "".join(PASTE + text + PASTE_END for text in pastes)
    assert parse(typed, is_all=False) == ([Key("paste", text) for text in pastes], "")


@given(st.data())
def test_a_paste_in_two_pieces_is_one_paste(data: st.DataObject) -> None:
    typed = f"{PASTE}one\rtwo{PASTE_END}"
    cut = data.draw(st.integers(0, len(typed)))
    first, rest = parse(typed[:cut], is_all=False)
    second, _ = parse(rest + typed[cut:], is_all=False)
    assert [*first, *second] == [Key("paste", "one\ntwo")]


@given(st.text(), st.booleans())
def test_nothing_that_can_be_typed_is_too_much(typed: str, is_all: bool) -> None:
    keys, rest = parse(typed, is_all=is_all)
    assert typed.endswith(rest)
    assert not any(re.search(r"[\x00-\x1f\x7f]", key.text) for key in keys if key.name == "text")


@given(st.text(st.sampled_from("ab\x1b[2001~;é\r")), st.data())
def test_where_the_bytes_are_split_makes_no_difference(typed: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(typed)))
    first, rest = parse(typed[:cut], is_all=False)
    second, left = parse(rest + typed[cut:], is_all=False)
    whole, whole_left = parse(typed, is_all=False)
    assert left == whole_left
    assert joined([*first, *second]) == joined(whole)


def joined(keys: list[Key]) -> list[Key]:
    """With neighbouring pieces of text put together."""
    found: list[Key] = []
    for key in keys:
        if key.name == "text" and found and found[-1].name == "text":
            found[-1] = Key("text", found[-1].text + key.text)
        else:
            found.append(key)
    return found
