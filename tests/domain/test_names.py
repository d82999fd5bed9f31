import re

import pytest
from hypothesis import given, strategies as st

from command_center.domain.names import NAMES, free_name, slug


def test_names_are_given_once() -> None:
    taken: list[str] = []
    for _ in range(3 * len(NAMES)):
        taken.append(free_name(taken))
    assert len(set(taken)) == len(taken)
    assert taken[: len(NAMES)] == NAMES


def test_a_name_that_became_free_is_given_again() -> None:
    assert free_name(NAMES[:3] + NAMES[4:]) == NAMES[3]


@given(st.text(), st.integers(min_value=4, max_value=40))
def test_any_prompt_makes_a_part_of_a_branch_name(text: str, width: int) -> None:
    short = slug(text, width)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", short)
    assert len(short) <= width


@pytest.mark.parametrize(
    ("prompt", "short"),
    [
        ("Fix the flaky test in CI", "fix-the-flaky-test-in-ci"),
        ("  Add OAuth2 (PKCE)!", "add-oauth2-pkce"),
        ("../../etc", "etc"),
        ("日本語", "task"),
        ("", "task"),
    ],
)
def test_a_slug_is_made_of_the_first_words(prompt: str, short: str) -> None:
    assert slug(prompt) == short
