"""The words and the order of lines of runs, whatever they hold."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from command_center.domain.model import Fleet
from command_center.domain.runs import Contention, Demand, Devices, Ration, Run, RunLife, RunOrder
from command_center.tui.rows import RUNS, MoreRunsRow, RunRow, RunsRow
from command_center.tui.run_cells import progress, run_cells, run_parts, shared_by_runs, trend
from command_center.tui.run_meters import Reading, plotted
from command_center.tui.run_rows import MOST, run_rows
from command_center.tui.run_table import Choice, Only, Order, Tabler, chosen, told_apart
from command_center.tui.sieve import Sieve, Standing

ORDER = RunOrder(("python", "train.py"), metric="loss")


def run(number: int, life: RunLife = RunLife.RUNNING, **more: object) -> Run:
    made = Run(f"R{number}", ORDER, 0.0, life=life, since=1.0, started_at=1.0, attempt=1)
    return replace(made, **more)


def fleet_of(*runs: Run) -> Fleet:
    return Fleet(1, runs={run.id: run for run in runs})


def ids(fleet: Fleet, sieve: Sieve | None = None) -> list[str]:
    return [row.run.id for row in run_rows(fleet, sieve or Sieve()) if isinstance(row, RunRow)]


texts = st.text(max_size=40)
runs_strategy = st.builds(
    Run,
    st.integers(1, 9999).map(lambda number: f"R{number}"),
    st.builds(
        RunOrder,
        st.tuples(texts),
        name=texts,
        metric=st.sampled_from(["", "loss"]),
        demand=st.builds(Demand, st.integers(1, 64), st.integers(0, 8)),
        ration=st.builds(Ration, wall_s=st.sampled_from([0.0, 90.0, 1e6])),
        seed=st.none() | st.integers(),
        config=st.dictionaries(texts, texts | st.floats(allow_nan=False), max_size=3),
    ),
    st.just(0.0),
    life=st.sampled_from(RunLife),
    reason=texts,
    devices=st.none() | st.builds(Devices, st.tuples(texts)),
    started_at=st.floats(0, 1e9),
    figures=st.dictionaries(st.just("loss"), st.none() | st.floats(allow_nan=False)),
    contention=st.none() | st.just(Contention()),
)
readings = st.none() | st.builds(
    Reading,
    texts,
    st.none() | st.floats(allow_nan=False),
    st.none() | st.floats(0, 1e6),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=9).map(tuple),
)


@given(st.lists(st.tuples(runs_strategy, readings), min_size=1, max_size=5), st.integers(20, 200))
def test_lines_are_plain_and_exactly_as_wide_as_the_list(
    found: list[tuple[Run, Reading | None]], width: int
) -> None:
    cells = [run_cells(each, reading, 2e9) for each, reading in found]
    widths = shared_by_runs(width, cells)
    for line in cells:
        text = "".join(text for text, _ in run_parts(line, widths, is_selected=False))
        assert cell_len(text) == width or widths.title == 0
        assert not any(ord(character) < 32 for character in text)


@given(st.lists(runs_strategy, max_size=6, unique_by=lambda r: r.id), st.integers(60, 250))
def test_no_line_of_the_table_is_wider_than_the_screen(runs: list[Run], width: int) -> None:
    made = Tabler().table(fleet_of(*runs), Choice(), {}, 2e9, width)
    assert sorted(entry.id for entry in made.entries) == sorted(each.id for each in runs)
    for entry in made.entries:
        for line in entry.lines:
            assert sum(cell_len(text) for text, _ in line) + 2 <= width


def test_bars_go_from_the_least_to_the_greatest() -> None:
    assert trend([8.0, 4.0, 2.0, 1.0], 8) == "█▄▂▁"
    assert trend([2.0, 2.0, 2.0], 8) == "▁▁▁"
    assert trend([1.0], 8) == ""
    assert len(trend([float(step) for step in range(48)], 8)) == 8
    assert trend([-1e308, 1e308], 2) == "▁▁"


@pytest.mark.parametrize(
    ("ration", "shown"),
    [
        (Ration(), "40.0s"),
        (Ration(wall_s=600), "40.0s/10m"),
        (Ration(cpu_s=36), "40.0s/36s cpu"),
        (Ration(gpu_s=7200), "40.0s/2h gpu"),
        (Ration(steps=600), "40.0s 120/600"),
    ],
)
def test_the_time_stands_beside_its_limit(ration: Ration, shown: str) -> None:
    limited = run(1, order=replace(ORDER, ration=ration))
    assert progress(limited, 41.0, 120.0) == shown


def test_what_is_at_work_comes_first_then_new_ends_then_the_queue() -> None:
    fleet = fleet_of(
        run(1, RunLife.QUEUED),
        run(2, RunLife.CRASHED, is_unseen=True, ended_at=5.0),
        run(3),
        run(4, RunLife.DONE, is_unseen=True, ended_at=9.0),
        run(5, RunLife.QUEUED, order=replace(ORDER, priority=1)),
    )
    assert ids(fleet) == ["R3", "R4", "R2", "R5", "R1"]


def test_ends_that_were_looked_at_leave_the_list() -> None:
    assert run_rows(fleet_of(run(1, RunLife.DONE), run(2, RunLife.CANCELLED)), Sieve()) == []


def test_a_folded_group_has_its_head_line_alone() -> None:
    fleet = fleet_of(run(1), run(2), run(3, RunLife.QUEUED))
    [head] = run_rows(fleet, Sieve(folded=frozenset({RUNS})))
    assert head == RunsRow(3, ((RunLife.RUNNING, 2), (RunLife.QUEUED, 1)), is_folded=True)


def test_more_runs_than_a_list_holds_are_counted() -> None:
    fleet = fleet_of(*(run(number, RunLife.QUEUED) for number in range(1, MOST + 6)))
    found = run_rows(fleet, Sieve())
    assert len(found) == MOST + 2
    assert found[-1] == MoreRunsRow(5)


def test_the_filter_of_the_list_filters_runs_too() -> None:
    named = run(2, order=replace(ORDER, name="big sweep", tags=("night",), repo="api"))
    fleet = fleet_of(run(1), named)
    assert ids(fleet, Sieve(needle="SWEEP big")) == ["R2"]
    assert ids(fleet, Sieve(tag="night")) == ["R2"]
    assert ids(fleet, Sieve(repo="api")) == ["R2"]
    assert ids(fleet, Sieve(standings=frozenset({Standing.BUSY}))) == []


def test_metrics_with_a_course_come_first_and_the_one_that_counts_among_them() -> None:
    counts = {"step": 9, "train_loss": 9, "system.cpus": 9, "loss": 1, "rate": 9}
    assert plotted(run(1), counts) == ["train_loss", "rate", "loss"]
    assert plotted(run(1), {**counts, "loss": 2}) == ["loss", "train_loss", "rate"]
    assert plotted(run(1), {"step": 1, "system.cpus": 1}) == []


def test_the_table_is_sorted_as_asked_and_shows_what_is_asked_for() -> None:
    fleet = fleet_of(
        run(1, RunLife.DONE, figures={"loss": 2.0}, started_at=1.0, ended_at=4.0),
        run(2, RunLife.DONE, figures={"loss": 1.0}, started_at=1.0, ended_at=3.0),
        run(3, RunLife.CRASHED, started_at=1.0, ended_at=2.0, is_unseen=True),
        run(4, started_at=99.0),
    )

    def order(choice: Choice) -> list[int]:
        return [each.number for each in chosen(fleet, choice, 100.0)]

    assert order(Choice()) == [4, 3, 2, 1]
    assert order(Choice(Order.RESULT)) == [2, 1, 3, 4]
    assert order(Choice(Order.TIME)) == [1, 2, 4, 3]
    assert order(Choice(Order.LIFE)) == [4, 2, 1, 3]
    assert order(Choice(only=Only.LIVE)) == [4]
    assert order(Choice(only=Only.UNSEEN)) == [3]


def test_columns_are_what_tells_the_runs_apart() -> None:
    runs = [
        run(number, order=replace(ORDER, config={"lr": rate, "depth": 4}, seed=number))
        for number, rate in ((1, 0.1), (2, 0.2))
    ]
    assert told_apart(runs) == {
        "lr": {"R1": "0.1", "R2": "0.2"},
        "seed": {"R1": "1", "R2": "2"},
    }
