"""The counting rule."""

import hashlib
import subprocess
import sys

from hypothesis import given, strategies as st

from command_center.domain.usage import NOTHING, RateWindow, Tokens, message_key, quota_left

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
    digest = hashlib.blake2b(b"m\0r", digest_size=8).digest()
    key = int.from_bytes(digest, "big", signed=True)
    assert [int(told), message_key("m", "r"), message_key("m", "r")] == [key] * 3


def test_the_fullest_window_that_still_counts_tells_what_is_left() -> None:
    windows = [RateWindow(300, 75.0, 200.0), RateWindow(10080, 20.0, 900.0)]
    assert (quota_left(windows, 100.0), quota_left(windows, 200.0)) == (0.25, 0.8)
    assert quota_left(windows, 900.0) is None
    assert quota_left([RateWindow(300, 104.0, 200.0)], 100.0) == 0.0


def test_parts_of_a_key_do_not_run_together() -> None:
    assert message_key("ab", "c") != message_key("a", "bc")
