from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from command_center.domain.limits import LONGEST, reset_time

NOW = datetime(2026, 11, 20, 13, 33, 20, tzinfo=UTC).timestamp()
"""A Friday."""


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("You've hit your 5-hour limit · resets 4:39pm (UTC)", utc(2026, 11, 20, 16, 39)),
        ("⚠ Usage limit reached · limit resets 3pm", utc(2026, 11, 20, 15)),
        ("resets 3pm (Europe/Paris)", utc(2026, 11, 20, 14)),
        ("resets 3pm (America/New_York)", utc(2026, 11, 20, 20)),
        ("weekly limit · resets Nov 24, 9am (UTC)", utc(2026, 11, 24, 9)),
        ("weekly limit · resets Nov 24 at 10:30 PM", utc(2026, 11, 24, 22, 30)),
        ("resets Jan 2, 9am", 0.0),
        ("resets Mon 9:00 AM", utc(2026, 11, 23, 9)),
        ("purchase more credits or try again at 2:33 PM.", utc(2026, 11, 20, 14, 33)),
        ("or try again at Nov 25th, 2026 3:05 PM.", utc(2026, 11, 25, 15, 5)),
        ("until 14:10", utc(2026, 11, 20, 14, 10)),
        ("resets 12am", utc(2026, 11, 21)),
        ("resets 12:15 pm", utc(2026, 11, 21, 12, 15)),
        ("try again in 12 minutes", NOW + 720),
        ("Try again in 1 hour 30 minutes.", NOW + 5400),
        ("try again in 3 days 4 hours and 5 minutes", NOW + 3 * 86400 + 4 * 3600 + 300),
        ("please retry in 42.5s", NOW + 42.5),
        ("retrying in an hour", NOW + 3600),
        ("resets in 1h30m", NOW + 5400),
        ("usage limit reached|1795190000", 1795190000.0),
        ('{"resets_at": 1795190000}', 1795190000.0),
        ("resetsAt 1795190000123", 1795190000.0),
        ("Rate limit reset at 2026-11-20T15:00:00Z", utc(2026, 11, 20, 15)),
        ("resets 2026-11-20 15:00", utc(2026, 11, 20, 15)),
        ("reset long ago, at 2026-11-20T15:00:00+02:00", 0.0),
        ("resets 2026-11-20T16:00:00+02:00", utc(2026, 11, 20, 14)),
        ("Rate limited | Retrying (1/15)", 0.0),
        ("API Error: 529 Overloaded. Try again in a moment.", 0.0),
        ("You've hit your 5-hour limit", 0.0),
        ("exceeded retry limit, last status: 429 Too Many Requests", 0.0),
        ("until 2099-01-01T00:00:00Z", 0.0),
        ("resets 4:39pm (No/Where)", utc(2026, 11, 20, 16, 39)),
        ("", 0.0),
    ],
)
def test_the_words_of_a_limit_say_when_it_ends(text: str, ends: float) -> None:
    assert reset_time(text, NOW, UTC) == ends


def test_a_time_of_day_is_that_of_the_zone_we_are_in() -> None:
    assert reset_time("resets 4pm", NOW, timezone(timedelta(hours=2))) == utc(2026, 11, 20, 14)


def test_a_time_of_day_that_has_just_come_is_not_tomorrows() -> None:
    assert reset_time("resets 1:33pm", NOW, UTC) == utc(2026, 11, 20, 13, 33)


def test_a_date_without_a_year_may_be_next_years() -> None:
    new_years_eve = utc(2026, 12, 31, 20)
    assert reset_time("resets Jan 2, 9am", new_years_eve, UTC) == utc(2027, 1, 2, 9)


def test_the_clock_may_change_before_the_limit_ends() -> None:
    before = utc(2026, 10, 24, 12)
    assert reset_time("resets Oct 26, 9am", before, ZoneInfo("Europe/Paris")) == utc(
        2026, 10, 26, 8
    )


@given(st.text(), st.floats(0, 4e9))
def test_whatever_was_said_leads_to_a_time_near_by_or_to_none(text: str, now: float) -> None:
    found = reset_time(text, now, UTC)
    assert found == 0 or now - 301 < found <= now + LONGEST


@given(
    st.from_regex(r"(resets|until|try again in) [0-9a-z:, ]{0,40}(\([A-Z][a-z/]*\))?"),
    st.floats(0, 4e9),
)
def test_odd_words_break_nothing(text: str, now: float) -> None:
    assert reset_time(text, now, UTC) >= 0
