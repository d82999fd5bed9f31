"""The counting rule."""

import subprocess
import sys

from hypothesis import given, strategies as st

from command_center.domain.usage import NOTHING, Tokens, message_key

TOKENS = st.builds(Tokens, *[st.integers(0, 10**12)] * 6)


@given(TOKENS, TOKENS, TOKENS)
def test_records_are_joined_in_any_order(a: Tokens, b: Tokens, c: Tokens) -> None:
    assert a | b == b | a
    assert (a | b) | c == a | (b | c)
    assert a | a == a


@given(TOKENS, TOKENS)
def test_what_was_added_can_be_taken_away(a: Tokens, b: Tokens) -> None:
    assert (a + b) - b == a
    assert a + NOTHING == a


def test_reasoning_and_long_cache_writes_are_parts_of_other_kinds() -> None:
    assert Tokens(1, 2, 4, 8, reasoning=2, cache_write_long=8).total == 15


def test_a_message_has_the_same_key_in_every_process() -> None:
    code = "from command_center.domain.usage import message_key; print(message_key('m', 'r'))"
    told = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert int(told) == message_key("m", "r")


def test_parts_of_a_key_do_not_run_together() -> None:
    assert message_key("ab", "c") != message_key("a", "bc")
