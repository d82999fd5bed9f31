"""Plots of whatever runs have told."""

import re

from hypothesis import given, strategies as st
from textual.app import App, ComposeResult

from command_center.tui.curves import Curve, CurveChart, _ticks

numbers = st.floats()
curves = st.lists(
    st.builds(
        Curve,
        st.lists(st.tuples(numbers, st.none() | numbers), max_size=12).map(tuple),
        st.sampled_from(["", "R1", "R2"]),
    ),
    max_size=4,
)


class ChartApp(App[None]):
    def compose(self) -> ComposeResult:
        yield CurveChart()


@given(curves, st.integers(0, 90), st.integers(0, 30), st.booleans())
def test_anything_can_be_plotted(
    found: list[Curve], width: int, height: int, is_from_zero: bool
) -> None:
    chart = CurveChart()
    chart.plt.plotsize(width, height)
    chart.show("loss", found, is_from_zero=is_from_zero)
    chart.plt.build()


async def test_names_at_the_ends_do_not_hide_each_other() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 20)) as pilot:
        chart = app.query_one(CurveChart)
        ends = (2.0, 2.001, 2.002)
        chart.show("loss", [Curve(((0, 8.0), (9, end)), f"R{n}") for n, end in enumerate(ends)])
        await pilot.pause()
        chart.plt.plotsize(56, 16)
        plain = re.sub("\x1b[^m]*m", "", chart.plt.build())
        assert all(f"R{n}" in plain for n in range(3))


@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30), st.integers(0, 40))
def test_ticks_lie_within_and_are_few(one: float, other: float, count: int) -> None:
    least, most = sorted((one, other))
    ticks = _ticks(least, most, count)
    slack = 1e-8 * (most - least) + 1e-11 * max(abs(least), abs(most))
    assert all(least - slack <= tick <= most + slack for tick in ticks)
    assert len(ticks) <= max(5, count + 1)
