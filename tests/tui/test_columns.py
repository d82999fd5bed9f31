"""The columns of the list: which are shown, how wide, and what they say."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from command_center.domain.gauges import TREND_LENGTH, Gauge
from command_center.domain.model import Agent, Diff, Order, State
from command_center.domain.usage import Context, Tokens
from command_center.tui import figures
from command_center.tui.cells import Cells, cells, diff_text, measured
from command_center.tui.columns import ALWAYS, DEFAULT, SHAPES, Column, chosen
from command_center.tui.line_parts import agent_lines
from command_center.tui.widths import shared, shared_roomy

GAUGE = Gauge(
    "id",
    0.0,
    doing="Bash: pytest -x tests/net",
    spent=Tokens(400_000, 12_000),
    money=4.56,
    context=Context(124_000, 200_000),
    rate_minute=42.4,
    trend=(1.0, 4.0, 16.0, 50.0, 120.0),
)
SHARES = [shared, shared_roomy]
COLUMNS = st.lists(st.sampled_from(Column), unique=True).map(lambda some: chosen(map(str, some)))


def line(gauge: Gauge = GAUGE, *, state: State = State.BUSY, tags: tuple[str, ...] = ()) -> Cells:
    order = Order("able", "shop", "agents/ada", "HEAD", "/t", prompt="Fix it", tags=tags)
    one = Agent("id", "ada", order, 0.0, state=state, diff=Diff(120, 8, 3))
    return cells(one, "able", "", "5m", gauge)


def text(one: Cells, width: int, columns: tuple[Column, ...] = DEFAULT) -> str:
    lines = agent_lines(one, shared(width, [one], columns), False)
    return "".join(part for part, _ in lines[0])


@given(st.integers(40, 240), COLUMNS, st.booleans())
def test_a_line_has_exactly_the_width_of_the_list_whatever_the_columns(
    width: int, columns: tuple[Column, ...], is_tagged: bool
) -> None:
    one = line(tags=("api", "v2") if is_tagged else ())
    for share in SHARES:
        for parts in agent_lines(one, share(width, [one], columns), True):
            assert sum(cell_len(text) for text, _ in parts) == width


def figure(most: int) -> st.SearchStrategy[int]:
    """Of any length, so that large ones are as frequent as small ones."""
    return st.integers(0, most).flatmap(lambda digits: st.integers(0, 10**digits))


GAUGES = st.builds(
    Gauge,
    st.just("id"),
    st.just(0.0),
    doing=st.text("ab 漢🙂", max_size=120),
    spent=st.builds(Tokens, figure(10), figure(9)),
    money=st.none() | st.floats(0, 10**5),
    context=st.builds(Context, figure(7), st.sampled_from([0, 200_000])),
    rate_minute=st.floats(0, 10**4),
    cpu=st.none() | st.floats(0, 10**3),
    memory=st.none() | figure(13),
    trend=st.lists(st.floats(0, 500), max_size=TREND_LENGTH).map(tuple),
)
DIFFS = st.builds(Diff, figure(8), figure(8), st.just(3), figure(5))


@given(st.integers(40, 260), COLUMNS, st.lists(st.tuples(GAUGES, DIFFS), min_size=1, max_size=3))
def test_no_figure_however_large_makes_a_line_wider_than_the_list(
    width: int, columns: tuple[Column, ...], told: list[tuple[Gauge, Diff]]
) -> None:
    order = Order("able", "shop", "agents/" + "b" * 50, "HEAD", "/t", prompt="Fix it " * 20)
    agent = Agent("id", "ada", order, 0.0, state=State.WAITING, reason="permission: " + "r" * 80)
    lines = [cells(replace(agent, diff=diff), "able", "", "5m", gauge) for gauge, diff in told]
    for share in SHARES:
        widths = share(width, lines, columns)
        shown = [parts for one in lines for parts in agent_lines(one, widths, True)]
        assert {sum(cell_len(text) for text, _ in parts) for parts in shown} == {width}


def test_work_that_git_does_not_track_is_told_instead_of_no_lines() -> None:
    assert diff_text(Diff(uncommitted=3)) == "3 dirty"
    assert diff_text(Diff()) == ""
    assert diff_text(Diff(123_456, 9_999, 3, 1)) == "+123k -9999"


@given(st.integers(40, 240), COLUMNS)
def test_every_column_that_is_shown_was_chosen_and_stands_in_that_order(
    width: int, columns: tuple[Column, ...]
) -> None:
    for share in SHARES:
        shown = [column for column, size in share(width, [line()], columns).columns if size]
        assert shown == [column for column in columns if column in shown]


def test_wide_lists_show_every_figure() -> None:
    shown = text(line(tags=("api",)), 200)
    figures = ("42 t/s", "━━╸─", "62%", "412.0k", "$4.56", "#api", "+120 -8", "agents/ada")
    for figure in (*figures, "Bash: pytest -x tests/net", "Fix it"):
        assert figure in shown


def test_narrow_lists_keep_who_it_is_and_what_it_made() -> None:
    shown = text(line(), 80)
    assert "ada" in shown
    assert "Fix it" in shown
    assert "+120 -8" in shown
    assert "412.0k" not in shown


def test_a_column_that_has_nothing_to_show_takes_no_room() -> None:
    empty = shared(200, [line(Gauge("id", 0.0))])
    gone = {Column.TREND, Column.RATE, Column.CONTEXT, Column.TOKENS, Column.MONEY, Column.DOING}
    assert not gone & {column for column, _ in empty.columns}


def test_a_figure_that_grows_moves_no_other() -> None:
    small, large = (
        line(Gauge("id", 0.0, spent=Tokens(n), money=n / 1000)) for n in (1, 999_999_999)
    )
    assert shared(200, [small]) == shared(200, [large])


def test_what_an_agent_takes_of_the_machine_is_shown_to_those_who_ask_for_it() -> None:
    one = line(replace(GAUGE, cpu=2.434, memory=6_550_000_000))
    assert "243%" not in text(one, 240)
    shown = text(one, 120, chosen(["name", "cpu", "memory"]))
    assert "  243%    6.1G" in shown


def test_columns_can_be_put_in_another_order() -> None:
    shown = text(line(), 120, chosen(["money", "name", "task", "tokens"]))
    assert shown.index("$4.56") < shown.index("ada") < shown.index("Fix it") < shown.index("412.0k")
    assert "62%" not in shown


def test_who_it_is_and_why_it_waits_cannot_be_left_out() -> None:
    assert set(chosen(["money"])) == {Column.MONEY, *ALWAYS}


@pytest.mark.parametrize("names", [[], ["of a newer program"]])
def test_names_that_mean_nothing_stand_for_the_default(names: list[str]) -> None:
    assert chosen(names) == DEFAULT


def test_every_column_is_explained() -> None:
    assert set(SHAPES) == set(Column)


def test_what_others_did_last_is_told_of_busy_agents_only() -> None:
    assert line().doing
    assert not line(state=State.WAITING).doing


def test_the_second_line_says_first_what_it_is_doing_now() -> None:
    one = line(tags=("api",))
    [_, second] = agent_lines(one, shared_roomy(90, [one]), False)
    said = "".join(part for part, _ in second).strip()
    assert said == "Bash: pytest -x tests/net · Fix it · #api · agents/ada"


def test_a_trend_moves_on_while_nothing_is_measured() -> None:
    gauge = Gauge("id", 0.0, rate_minute=50.0, trend=(50.0,) * TREND_LENGTH)
    fresh, behind, over = (measured(line(), gauge, steps) for steps in (0, 30, TREND_LENGTH))
    assert (fresh.trend, fresh.rate) == ("▇" * 10, "50 t/s")
    assert (behind.trend, behind.rate) == ("▇" * 5 + " " * 5, "")
    assert over.trend == ""


@given(st.lists(st.floats(0, 1e4), max_size=TREND_LENGTH), st.integers(1, 20))
def test_a_sparkline_is_no_wider_than_it_may_be(trend: list[float], width: int) -> None:
    assert len(figures.spark(trend, width)) <= width


@given(st.floats(0, 1), st.integers(1, 20))
def test_a_gauge_has_exactly_its_width_and_shows_the_least(share: float, width: int) -> None:
    full, empty = figures.meter(share, width)
    assert len(full + empty) == width
    assert bool(full) == (share > 0)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, ""), (999, "999"), (12_400, "12.4k"), (3_100_000, "3.1M"), (2_000_000_000, "2.0G")],
)
def test_counts_are_told_in_few_signs(count: int, shown: str) -> None:
    assert figures.short(count) == shown


@given(st.integers(0, 10**14))
def test_a_count_fits_its_column(count: int) -> None:
    assert len(figures.short(count)) <= SHAPES[Column.TOKENS].most


@pytest.mark.parametrize(
    ("money", "is_spent", "shown"),
    [(None, True, "$?"), (None, False, ""), (0.0, False, ""), (0.31, True, "$0.31")],
)
def test_an_unknown_price_is_never_nothing(money: float | None, is_spent: bool, shown: str) -> None:
    assert figures.dollars(money, is_spent=is_spent) == shown


@given(st.floats(0, 1e7), st.floats(0, 1e5))
def test_money_and_rates_fit_their_columns(money: float, rate: float) -> None:
    assert len(figures.dollars(money, is_spent=True)) <= SHAPES[Column.MONEY].most
    assert len(figures.per_second(rate)) <= SHAPES[Column.RATE].most


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (None, ""),
        (Context(0, 200_000), ""),
        (Context(124_000), "124.0k"),
        (Context(200_000, 200_000), "━━━━ 100%"),
        (Context(400_000, 200_000), "━━━━ 200%"),
    ],
)
def test_a_context_is_a_gauge_where_its_window_is_known(
    context: Context | None, shown: str
) -> None:
    assert "".join(text for text, _ in figures.context_parts(context)) == shown
