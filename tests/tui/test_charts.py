"""Plots over time: where their marks stand, and what a hole looks like."""

import time

import pytest
from hypothesis import given, strategies as st
from textual.app import App, ComposeResult

from command_center.tui.charts import TimeChart, _marks
from tests.tui.world import NOON, until


@given(st.floats(1e9, 2e9), st.floats(30, 31 * 86400), st.integers(4, 30))
def test_marks_lie_within_the_time_that_is_shown_and_have_room(
    first: float, span: float, most: int
) -> None:
    marks = _marks(first, first + span, most)
    assert len(marks) <= most + 1
    assert all(first <= mark <= first + span for mark in marks)


@pytest.mark.usefixtures("utc")
def test_marks_of_a_short_time_stand_at_whole_minutes() -> None:
    marks = _marks(NOON + 7, NOON + 307, 6)
    assert [time.strftime("%M:%S", time.gmtime(mark)) for mark in marks] == [
        *("01:00", "02:00", "03:00", "04:00", "05:00")
    ]


class Charted(App[None]):
    def compose(self) -> ComposeResult:
        yield TimeChart("cpu", "cyan", "")


@pytest.mark.usefixtures("utc")
async def test_a_hole_in_what_was_measured_stays_a_hole() -> None:
    app = Charted()
    async with app.run_test(size=(40, 10)) as pilot:
        chart = app.query_one(TimeChart)
        await until(pilot, lambda: chart.size.area, "it has a size")
        chart.paint("green", "%")
        starts = [NOON + each for each in range(60)]
        chart.show(starts, [50.0] * 20 + [None] * 20 + [50.0] * 20, 100.0)
        await pilot.pause()
        plain = [chart.render_line(y).text for y in range(chart.size.height)]
        [low] = [line for line in plain if line.lstrip("│ ").startswith("0%")]
        bars = low.replace("│", " ").partition("0%")[2]
        third = len(bars) // 3
        assert "█" in bars[:third]
        assert set(bars[third + 2 : 2 * third - 2]) == {" "}
        assert "█" in bars[2 * third :]
