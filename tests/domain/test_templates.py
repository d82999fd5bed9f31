import pytest

from command_center.domain.errors import IntentError
from command_center.domain.tasks import Check, Judge, TaskKind
from command_center.domain.templates import Template, filled
from command_center.domain.wordings import Wording, brief_of

MEND = Template(
    kind=TaskKind.BUGFIX,
    prompt='Mend {file}: {title}\n\n{prompt}\n\nLeave {{file}} and {"a": {"b": 1}} as {how}.',
    check="pytest {file} -k 'slow or old'",
    touches=("{file}",),
    tags=("mend",),
    priority=1,
    defaults={"how": "it is"},
)


def test_variables_are_put_in_and_defaults_stand_for_the_others() -> None:
    words = filled(MEND, "the sort", Wording(prompt="It is {slow}."), {"file": "a b;c.py"})
    assert words.prompt == (
        'Mend a b;c.py: the sort\n\nIt is {slow}.\n\nLeave {file} and {"a": {"b": 1}} as it is.'
    )
    brief = brief_of("the sort", words)
    assert brief.check == Check(Judge.COMMAND, ("pytest", "a b;c.py", "-k", "slow or old"))
    assert (brief.kind, brief.touches, brief.tags) == (TaskKind.BUGFIX, ("a b;c.py",), ("mend",))


def test_a_value_goes_over_its_default() -> None:
    words = filled(MEND, "x", Wording(), {"file": "a", "how": "they were"})
    assert (words.prompt or "").endswith(" as they were.")


def test_a_value_is_not_looked_through_for_variables() -> None:
    words = filled(MEND, "{how}", Wording(), {"file": "{title}"})
    assert (words.prompt or "").startswith("Mend {title}: {how}\n")


def test_what_is_said_goes_over_the_template() -> None:
    own = Wording(judge=Judge.REVIEW, priority=0, tags=())
    brief = brief_of("x", filled(MEND, "x", own, {"file": "a"}))
    assert (brief.check, brief.priority, brief.tags) == (Check(Judge.REVIEW), 0, ())


def test_words_without_a_place_come_after_those_of_the_template() -> None:
    plain = Template(prompt="Be brief.")
    assert filled(plain, "x", Wording(prompt="Say why."), {}).prompt == "Be brief.\n\nSay why."
    assert filled(Template(), "x", Wording(), {}).prompt is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "needs file; give --set file=..."),
        ({"file": "a", "hwo": "b"}, "no variable 'hwo'; did you mean 'how'?"),
        ({"file": "a", "title": "b"}, "no variable 'title'"),
    ],
)
def test_missing_and_unknown_variables_are_refused(values: dict[str, str], said: str) -> None:
    with pytest.raises(IntentError, match=said.replace("?", r"\?")):
        filled(MEND, "x", Wording(), values)
