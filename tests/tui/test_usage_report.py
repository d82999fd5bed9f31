"""What the Usage screen says, and the files it writes."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from command_center.domain.budgets import Budget, Cap, Level
from command_center.domain.model import Fleet
from command_center.domain.usage import RateWindow
from command_center.tui.charts import _marks, _round_up
from command_center.tui.figures import Part
from command_center.tui.usage_files import as_csv, as_json, save
from command_center.tui.usage_report import (
    STEPS,
    By,
    Share,
    bill,
    limit_lines,
    money_words,
    rates,
    table,
    whole_parts,
)
from tests.tui.list_app import agent, fleet_of
from tests.tui.usage_reports import KNOWN, MIDNIGHT, MIXED, UNKNOWN, report

NOON = MIDNIGHT + 12 * 3600


def text(parts: tuple[Part, ...] | list[Part]) -> str:
    return "".join(part for part, _ in parts)


@pytest.mark.parametrize(
    ("share", "words"),
    [(KNOWN, "$1.50"), (UNKNOWN, "unknown"), (MIXED, "~$12.00 + ?"), (Share("nobody"), "")],
)
def test_an_unknown_price_is_said_and_never_nothing(share: Share, words: str) -> None:
    assert money_words(share) == words


@given(st.integers(80, 240), st.text(max_size=60))
def test_every_line_of_a_table_is_as_wide_as_the_others(width: int, name: str) -> None:
    lines = table([KNOWN, replace(UNKNOWN, name=name), MIXED], By.AGENT, width)
    assert {cell_len(text(line)) for line in lines} <= {width - 1, width - 1 - 18}


def test_a_narrow_table_has_every_kind_in_short() -> None:
    head, line, *_ = (text(line).split() for line in table([KNOWN], By.AGENT, 79))
    assert head == ["AGENT", "INPUT", "OUTPUT", "CACHE", "RD", "CACHE", "WR", "TOTAL", "MONEY"]
    assert line == ["ada", "4.0k", "1.5k", "90.0k", "2.0k", "97.5k", "$1.50"]


def test_a_wide_table_has_every_digit_and_who_had_most() -> None:
    [_, ada, cleo] = (text(line) for line in table([KNOWN, MIXED], By.MODEL, 199))
    for figure in ("4,000", "1,500", "90,000", "97,500"):
        assert figure in ada
    assert cleo.endswith("━" * 16)
    assert ada.endswith("╸" + "─" * 15)


def test_the_whole_names_the_models_without_a_price() -> None:
    said = text(whole_parts(report(KNOWN, UNKNOWN)))
    assert said == " 99.0k tokens  $1.50 + ?  15 messages  no price is known of local-model"


def test_nothing_counted_is_said() -> None:
    assert "nothing was counted today" in text(whole_parts(report()))
    assert "in the last 7 days" in text(whole_parts(report(days=7)))


def test_rates_have_every_step_of_the_period_and_money_only_grows() -> None:
    one = report(KNOWN, spent=[(1, 900, 0.5), (3, 1800, 1.0)], hours=1.25)
    starts, speed = rates(one)
    assert starts == [MIDNIGHT + n * STEPS[1] for n in range(5)]
    assert speed == [0.0, 1.0, 0.0, 2.0, 0.0]
    assert bill(one)[1] == [0.0, 0.5, 0.5, 1.5, 1.5]


@pytest.mark.usefixtures("utc")
def test_a_plan_window_is_a_gauge_with_the_time_of_its_reset() -> None:
    windows = [RateWindow(300, 62.0, NOON + 5400), RateWindow(10080, 31.0, NOON + 3 * 86400)]
    lines = [text(line) for line in limit_lines(report(windows=windows), Fleet(), NOON)]
    assert lines == [
        " able 5 h               ━━━━━━━━━━──────  62%  resets 13:30",
        " able 7 d               ━━━━━───────────  31%  resets Mon 12:00",
    ]


@pytest.mark.usefixtures("utc")
def test_a_window_that_was_reset_since_is_not_shown_as_full() -> None:
    past = RateWindow(300, 100.0, NOON - 3600)
    [line] = limit_lines(report(windows=[past]), Fleet(), NOON)
    assert "reset at 11:00; nothing was told since" in text(line)
    assert "100%" not in text(line)


def test_budgets_stand_below_the_windows() -> None:
    held = Budget(
        "agent:ada", Cap(money=5.0), level=Level.HELD, words="$5.02 of $5.00 spent", period="all"
    )
    fleet = replace(
        fleet_of(agent("ada")), budgets={"agent:ada": held, "day": Budget("day", Cap())}
    )
    [line] = limit_lines(report(), fleet, NOON)
    assert text(line) == " the budget of ada  $5.02 of $5.00 spent; prompts are held"


def test_the_files_hold_what_the_screen_shows(tmp_path: Path) -> None:
    one = report(KNOWN, UNKNOWN, spent=[(1, 900, 0.5)])
    as_object, as_table = save(one, tmp_path / "exports")
    told = json.loads(as_object.read_text("utf-8"))
    assert told["shares"]["model"][1]["money"] is None
    assert told["points"] == [{"start": MIDNIGHT + 900, "output": 900, "money": 0.5}]
    lines = list(csv.DictReader(as_table.read_text("utf-8").splitlines()))
    assert [(row["by"], row["name"]) for row in lines[:3]] == [
        ("agent", "ada"),
        ("agent", "bell"),
        ("model", "ada"),
    ]
    assert (lines[0]["total"], lines[0]["dollars"]) == ("97500", "1.5")
    assert (lines[1]["dollars"], lines[1]["unpriced"]) == ("", "local-model")


def test_a_task_that_looks_like_a_formula_is_none_in_a_spreadsheet() -> None:
    sheet = as_csv(report(replace(KNOWN, name='=HYPERLINK("http://x")')))
    assert "'=HYPERLINK" in sheet
    assert json.loads(as_json(report(KNOWN)))["days"] == 1


@given(st.floats(1e-4, 1e9))
def test_an_axis_ends_a_little_above_the_highest_value(value: float) -> None:
    assert value <= _round_up(value) <= 2 * value * (1 + 1e-9)


@given(st.sampled_from([3600, 86400, 7 * 86400, 30 * 86400]), st.integers(2, 30))
def test_marks_of_time_stand_at_whole_steps_and_fit(span: int, most: int) -> None:
    marks = _marks(MIDNIGHT, MIDNIGHT + span, most)
    assert len(marks) <= max(most, 4)
    [step] = {after - mark for mark, after in pairwise(marks)}
    assert step % 60 == 0
    assert all((mark - MIDNIGHT) % step == 0 for mark in marks)
