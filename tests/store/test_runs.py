"""The ledger of runs."""

import math
import sqlite3
from pathlib import Path

import pytest

from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.metrics import MOST_FIGURES, Point
from command_center.store.runs import Position, RunLedger


def told(metric: str, *values: float | None, first: int = 0) -> list[Point]:
    return [Point(metric, float(n), value, 7.0) for n, value in enumerate(values, first)]


def test_a_curve_is_what_was_told_bit_for_bit(tmp_path: Path) -> None:
    with RunLedger(tmp_path / "runs.sqlite", is_writer=True) as ledger:
        ledger.record("R1", 1, "log", told("loss", 0.1, None, 1 / 3), Position(10, 2.0))
        ledger.record("R1", 1, "log", told("loss", 4.0, first=3), Position(20, 3.0))
        curve = ledger.curve("R1", "loss")
        assert [(p.step, p.value) for p in curve] == [(0, 0.1), (1, None), (2, 1 / 3), (3, 4.0)]
        assert ledger.position("R1", 1, "log") == Position(20, 3.0)
        assert ledger.figures("R1") == {"loss": 4.0}
        assert ledger.metrics("R1") == ["loss"]


def test_a_long_curve_keeps_its_spikes_and_its_end(tmp_path: Path) -> None:
    values = [math.sin(n / 50) for n in range(10_000)]
    values[5_003], values[7_001] = 99.0, -99.0
    with RunLedger(tmp_path / "runs.sqlite", is_writer=True) as ledger:
        ledger.record("R1", 1, "log", told("loss", *values), Position())
        curve = ledger.curve("R1", "loss", 100)
    assert len(curve) <= 101
    assert {99.0, -99.0} <= {p.value for p in curve}
    assert curve[-1].step == 9_999
    assert [p.step for p in curve] == sorted(p.step for p in curve)


def test_the_newest_attempt_is_shown(tmp_path: Path) -> None:
    with RunLedger(tmp_path / "runs.sqlite", is_writer=True) as ledger:
        ledger.record("R1", 1, "log", told("loss", 1.0), Position())
        ledger.record("R1", 2, "log", told("loss", 2.0), Position())
        assert [p.value for p in ledger.curve("R1", "loss")] == [2.0]
        assert ledger.figures("R1", 1) == {"loss": 1.0}


def test_use_of_the_machine_is_a_curve_but_no_figure(tmp_path: Path) -> None:
    with RunLedger(tmp_path / "runs.sqlite", is_writer=True) as ledger:
        ledger.record("R1", 1, "system", told("system.cpus", 1.0), Position())
        assert ledger.figures("R1") == {}
        assert ledger.metrics("R1") == ["system.cpus"]


def test_too_many_metrics_are_left_out(tmp_path: Path) -> None:
    flood = [Point(f"m{n}", None, 1.0) for n in range(MOST_FIGURES + 9)]
    with RunLedger(tmp_path / "runs.sqlite", is_writer=True) as ledger:
        ledger.record("R1", 1, "log", flood, Position())
        ledger.record("R1", 1, "log", flood, Position())
        assert len(ledger.metrics("R1")) == MOST_FIGURES


def test_a_reader_finds_a_ledger_that_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    with RunLedger(path) as reader:
        assert reader.curve("R1", "loss") == []
        with RunLedger(path, is_writer=True) as writer:
            writer.record("R1", 1, "log", told("loss", 1.0), Position())
            assert [p.value for p in reader.curve("R1", "loss")] == [1.0]
        with pytest.raises(LogError):
            reader.record("R1", 1, "log", told("loss", 2.0), Position())


def test_a_ledger_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    RunLedger(path, is_writer=True).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LogTooNew):
        RunLedger(path, is_writer=True)
