"""Which words can be tags, and what becomes of an agent's."""

import pytest

from command_center.domain import events as ev
from command_center.domain.errors import IntentError
from command_center.domain.reduce import replay
from command_center.domain.tags import MOST, checked, retagged
from tests.strategies import LAUNCHED, recorded


@pytest.mark.parametrize("tag", ["", "-x", "a b", "a\x1b[2J", "#{pane_id}", "x" * 33, "+x", "_"])
def test_what_is_no_plain_word_is_refused(tag: str) -> None:
    with pytest.raises(IntentError, match="letters, digits"):
        checked([tag])


@pytest.mark.parametrize("tag", ["api", "v2.1", "team/web", "über", "a_b-c", "7"])
def test_a_plain_word_is_taken_as_it_is(tag: str) -> None:
    assert checked([tag]) == (tag,)


def test_an_agent_has_each_tag_once_in_the_order_given() -> None:
    assert retagged(("a", "b"), ["c", "a"], ["b"]) == ("a", "c")


def test_there_is_an_end_to_tags() -> None:
    with pytest.raises(IntentError, match="too many"):
        checked(map(str, range(MOST + 1)))


def test_a_retagged_agent_has_the_tags_that_were_said_last() -> None:
    happened = (*LAUNCHED, ev.AgentRetagged("a", ("x",)), ev.AgentRetagged("a", ("y", "z")))
    assert replay(recorded(happened)).agents["a"].order.tags == ("y", "z")
