"""What a spec makes of a verdict."""

import json

import pytest
from hypothesis import given, strategies as st

from command_center.domain.answering import AnswerHook, AnswerKeys, hook_reply, keys_for, stands_on
from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.errors import SpecError
from command_center.domain.specs import parse

HOOK = AnswerHook(
    allow='{"do": "allow"}',
    deny='{"do": "deny", "why": ${reason}}',
    reply='{"carried": ${carried},\n "answers": {${question}: ${text}}}',
)
KEYS = AnswerKeys(("1",), ("Escape",), has_digits=True, screen={Kind.PERMISSION: "Proceed"})
RUN = Question("1", Kind.PERMISSION, "Bash: touch x", 0.0, "Bash", "touch x")
COLOR = Question("1", Kind.QUESTION, "Which?", 0.0, choices=("Red", "Blue"), carried='[{"a":1}]')
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT)
def test_words_never_change_the_shape_of_a_reply(words: str) -> None:
    line = hook_reply(HOOK, RUN, Verdict.NO, 0, words)
    assert "\n" not in line
    said = json.loads(line)
    assert said == {"do": "deny", "why": words or "The user said no."}


@given(TEXT)
def test_a_question_is_answered_with_what_it_carried(words: str) -> None:
    said = json.loads(hook_reply(HOOK, COLOR, Verdict.TEXT, 0, words))
    assert said == {"carried": [{"a": 1}], "answers": {"Which?": words}}


def test_a_choice_is_answered_with_its_words() -> None:
    said = json.loads(hook_reply(HOOK, COLOR, Verdict.CHOICE, 2, ""))
    assert said["answers"] == {"Which?": "Blue"}


@pytest.mark.parametrize("choice", [0, 3, -1])
def test_a_choice_that_is_not_there_has_no_reply(choice: int) -> None:
    assert hook_reply(HOOK, COLOR, Verdict.CHOICE, choice, "") == ""


def test_a_question_is_no_permission() -> None:
    assert hook_reply(HOOK, COLOR, Verdict.YES, 0, "") == ""
    assert hook_reply(HOOK, RUN, Verdict.TEXT, 0, "x") == ""


def test_a_choice_is_pressed_as_its_digit() -> None:
    assert keys_for(KEYS, Verdict.CHOICE, 3) == ("3",)
    assert keys_for(KEYS, Verdict.CHOICE, 12) == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["Proceed?", "  touch x"],
        ["│ touch   │", "│ x       │", "│ Proceed? │"],
    ],
)
def test_a_question_stands_however_it_is_wrapped(lines: list[str]) -> None:
    assert stands_on(lines, KEYS, RUN)


@pytest.mark.parametrize("lines", [[], ["  touch x"], ["Proceed?", "  rm -rf x"]])
def test_another_screen_is_not_that_question(lines: list[str]) -> None:
    assert not stands_on(lines, KEYS, RUN)


def test_keys_are_for_the_kinds_that_the_spec_names() -> None:
    trust = Question("1", Kind.TRUST, "Trust this folder?", 0.0)
    assert not stands_on(["Proceed?"], KEYS, trust)


def test_a_choice_has_to_stand_there_with_its_number() -> None:
    lines = ["touch x", "Proceed?", "> 1. Yes", "  2. Always"]
    assert stands_on(lines, KEYS, RUN, 2)
    assert not stands_on(lines, KEYS, RUN, 3)


@pytest.mark.parametrize(
    "table",
    [
        {"hook": {"allow": "{"}},
        {"hook": {"deny": '{"why": ${wyh}}'}},
        {"hook": {"deny": '{"why": "${reason}"}'}},
        {"keys": {"screen": {"permission": "("}}},
    ],
)
def test_a_table_that_cannot_work_is_refused(table: dict[str, object]) -> None:
    spec = {"id": "x", "name": "X", "binary": {"names": ["x"]}, "launch": {"argv": ["x"]}}
    with pytest.raises(SpecError, match=r"x\.toml: answer\."):
        parse({**spec, "answer": table}, "x.toml")
