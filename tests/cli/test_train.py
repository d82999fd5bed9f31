import json
import sys
from pathlib import Path

import pytest

from command_center.training.bundle import NAMES
from tests.cli.house import House
from tests.training.players import UNIFORM, player

pytestmark = pytest.mark.timeout(300)


def test_every_task_is_listed_with_its_noise(house: House) -> None:
    told = house.run("train", "list").stdout
    assert [line.split()[0] for line in told.splitlines()[1:]] == list(NAMES)
    rows = house.rows("train", "list")
    assert [row["name"] for row in rows] == list(NAMES)
    assert all(row["kind"] == "training" and row["noise"] for row in rows)


def test_a_copy_is_made_once(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    assert house.run("train", "copy", "starter", str(folder)).exit_code == 0
    assert (folder / "program.md").is_file()
    again = house.run("train", "copy", "starter", str(folder))
    assert (again.exit_code, "not empty" in again.stderr) == (1, True)


def test_a_copy_is_judged_from_outside(
    house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = player(tmp_path / "copy", UNIFORM)
    assert house.run("train", "judge", str(folder), "--test").exit_code == 0
    told = capfd.readouterr().out
    assert "\nval_bpb: 4.754888\ntest_bpb: 4.754888\ncpu_seconds: " in told


def test_the_noise_of_a_copy_is_measured(house: House, tmp_path: Path) -> None:
    folder = player(tmp_path / "copy", UNIFORM)
    out = tmp_path / "noise.json"
    words = ("train", "noise", str(folder), "--seeds", "2", "--jobs", "2", "--out", str(out))
    told = house.run(*words)
    assert told.exit_code == 0, told.stderr
    assert told.stdout.splitlines()[-2].split() == ["mean", "4.754888", "4.754888"]
    noise = json.loads(out.read_text("utf-8"))
    assert (noise["task"], noise["sd"], len(noise["scores"])) == ("microgpt", 0.0, 2)


def test_a_run_without_a_result_stops_the_measurement(house: House, tmp_path: Path) -> None:
    folder = player(tmp_path / "copy", UNIFORM, "raise SystemExit(1)")
    told = house.run("train", "noise", str(folder), "--seeds", "1")
    assert told.exit_code == 1
    assert "seed 0: invalid: train.py ended" in told.stderr


def test_an_interpreter_without_torch_is_told_how_to_get_it(house: House, tmp_path: Path) -> None:
    python = tmp_path / "python"
    # Isolated and without the folder of installed packages: a Python that has nothing.
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n', "utf-8")
    python.chmod(0o755)
    told = house.run("train", "noise", "starter", "--python", str(python))
    assert told.exit_code == 1
    assert "pip install 'command-center[train]'" in told.stderr
