"""The log, written into a file and played from there."""

import stat
import time

import click
import pytest

from command_center.cli.when import When
from command_center.domain import events as ev
from tests.cli.house import NOW, House


def test_an_exported_log_holds_every_event_and_is_for_nobody_else(house: House) -> None:
    house.add_agent("ada", prompt="secret")
    file = house.home / "night.jsonl"
    result = house.run("log", "--export", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"4 events are in {file}" in result.stderr
    assert file.read_bytes().count(b"\n") == 4
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert house.run("log", "--export", "-").stdout == file.read_text("utf-8")


def test_an_export_takes_the_place_of_nothing(house: House) -> None:
    house.add_agent("ada")
    file = house.home / "precious"
    file.write_text("mine")
    result = house.run("log", "--export", str(file))
    assert result.exit_code != 0
    assert "File exists" in result.stderr
    assert file.read_text() == "mine"


def test_a_file_that_is_no_log_is_told_before_anything_opens(house: House) -> None:
    file = house.home / "x.jsonl"
    file.write_text("{}\n")
    result = house.run("replay", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{file}, line 1: not an event of ours" in result.stderr


def test_a_replay_without_a_log_says_how_to_begin_one(house: House) -> None:
    result = house.run("replay")
    assert result.exit_code == 1
    assert "there is no log yet" in result.stderr


def test_an_empty_log_is_nothing_to_replay(house: House) -> None:
    house.write(ev.Noticed("x"), at=NOW)
    (house.home / "empty.jsonl").touch()
    result = house.run("replay", str(house.home / "empty.jsonl"))
    assert result.exit_code == 1
    assert "the file is empty" in result.stderr


@pytest.mark.parametrize(("text", "ago"), [("90s", 90), ("2h", 7200), ("3d", 259_200)])
def test_a_moment_may_be_so_long_ago(text: str, ago: float) -> None:
    assert When().convert(text, None, None) == pytest.approx(time.time() - ago, abs=60)


def test_a_moment_may_be_a_date_or_a_time_of_today() -> None:
    at = When().convert("2026-01-31 14:30", None, None)
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) == "2026-01-31 14:30:00"
    today = When().convert("7:05", None, None)
    assert time.strftime("%H:%M", time.localtime(today)) == "07:05"


@pytest.mark.parametrize("text", ["soon", "", "25:00", "2026-13-01", "9" * 400 + "x"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time"):
        When().convert(text, None, None)
