"""What `acc runs export` wrote for a tracker, read back by the tracker's own code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_center.cli.run_export import TRACKERS
from command_center.domain import run_events as rev
from command_center.domain.metrics import Point
from command_center.domain.runs import Devices, RunLife, RunOrder
from command_center.drivers import exporter
from command_center.store.runs import Position, RunLedger
from tests.cli.house import House
from tests.extras import PYTHON, needs

POINTS = (
    Point("loss", 1.0, 0.5, 1.7e9),
    Point("loss", 2.0, None, 1.7e9 + 1),
    Point("loss", 3.0, 0.25, 1.7e9 + 2),
    Point("loss", 3.0, 0.125, 1.7e9 + 3),
    Point("acc", 1.0, 0.75, 1.7e9),
)
READ_TENSORBOARD = """
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
def read(run):
    events = EventAccumulator(f"{out}/{run}")
    events.Reload()
    scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
    return {tag: [(e.step, e.value, e.wall_time) for e in every] for tag, every in scalars.items()}
found = {run: read(run) for run in ("R1", "R2")}
read_config = EventAccumulator(f"{out}/R1/hparams")
read_config.Reload()
plugin = read_config.PluginTagToContent("hparams")["_hparams_/session_start_info"]
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData as Data
hparams = Data.FromString(plugin).session_start_info.hparams
found["lr"] = hparams["lr"].number_value
"""
READ_TRACKIO = """
import os
os.environ["TRACKIO_DIR"] = out
from trackio.sqlite_storage import SQLiteStorage as storage
found = {
    "projects": storage.get_projects(),
    "config": storage.get_run_config("gpt", "R1"),
    **{run: storage.get_logs("gpt", run) for run in storage.get_runs("gpt")},
}
"""
READ_WANDB = """
import glob, struct
from wandb.proto.wandb_internal_pb2 import Record
def records(file):
    # LevelDB's log: blocks of 32 KiB; in each, records of which long ones are split.
    data, place, whole = open(file, "rb").read(), 7, b""
    while place + 7 <= len(data):
        if (left := -place % 32768) < 7 and left:
            place += left
        _, length, kind = struct.unpack("<IHB", data[place : place + 7])
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            yield Record.FromString(whole)
            whole = b""
def told(items):
    return {i.key or ".".join(i.nested_key): json.loads(i.value_json) for i in items}
found = {}
for file in glob.glob(f"{out}/wandb/offline-run-*/run-*.wandb"):
    about = {"rows": []}
    for record in records(file):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run = record.run
            name = run.run_id
            about |= {"project": run.project, "group": run.run_group, "tags": [*run.tags]}
            about["config"] = told(run.config.update)
        elif kind == "history":
            about["rows"].append(told(record.history.item))
        elif kind == "summary":
            about.setdefault("summary", {}).update(told(record.summary.update))
    found[name] = about
"""


@pytest.fixture
def two(house: House) -> House:
    for name, lr in (("R1", 0.5), ("R2", 0.25)):
        config: dict[str, str | int | float | bool] = {"lr": lr, "act": "relu", "bias": True}
        order = RunOrder(("train",), config=config, seed=7, metric="loss", sweep="s", tags=("t",))
        house.write(rev.RunQueued(name, order, "cli"), rev.LeaseGranted(name, Devices(), 1))
        house.write(rev.RunEnded(name, RunLife.DONE, figures={"loss": 0.125, "acc": 0.75}))
        with RunLedger(house.places.ledger, is_writer=True) as ledger:
            ledger.record(name, 1, "log", POINTS, Position())
    house.write(rev.RunQueued("R3", RunOrder(("nothing", "told")), "cli"))
    return house


def export(house: House, to: str, out: Path) -> None:
    words = ("--to", to, "--out", str(out), "--project", "gpt", "--python", str(PYTHON))
    done = house.run("runs", "export", *words)
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr


def read(reader: str, out: Path) -> dict[str, object]:
    code = f"import json\nout = {str(out)!r}\n{reader}\nprint(json.dumps(found))"
    told = subprocess.run([PYTHON, "-I", "-c", code], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    found: dict[str, object] = json.loads(told.stdout.splitlines()[-1])
    return found


@needs("tensorboardX", "tensorboard")
def test_tensorboard_reads_what_was_exported_for_it(two: House, tmp_path: Path) -> None:
    for _ in range(2):
        export(two, "tensorboard", tmp_path / "out")
    found = read(READ_TENSORBOARD, tmp_path / "out")
    at = 1.7e9
    loss = [[1, 0.5, at], [3, 0.25, at + 2], [3, 0.125, at + 3]]
    assert found["R1"] == found["R2"] == {"loss": loss, "acc": [[1, 0.75, at]]}
    assert found["lr"] == 0.5


@needs("trackio")
def test_trackio_reads_what_was_exported_for_it(two: House, tmp_path: Path) -> None:
    for _ in range(2):
        export(two, "trackio", tmp_path / "out")
    found = read(READ_TRACKIO, tmp_path / "out")
    assert found["projects"] == ["gpt"]
    assert found["R1"] == found["R2"]
    assert found["R1"] == [
        {"loss": 0.5, "acc": 0.75, "step": 1, "timestamp": "2023-11-14T22:13:20+00:00"},
        {"loss": 0.25, "step": 3, "timestamp": "2023-11-14T22:13:22+00:00"},
        {"loss": 0.125, "step": 3, "timestamp": "2023-11-14T22:13:23+00:00"},
    ]
    config = found["config"]
    assert isinstance(config, dict)
    assert (config["lr"], config["seed"], config["life"]) == (0.5, 7, "done")


@needs("wandb")
def test_wandb_reads_what_was_exported_for_it(two: House, tmp_path: Path) -> None:
    export(two, "wandb", tmp_path / "out")
    found = read(READ_WANDB, tmp_path / "out")
    assert sorted(found) == ["R1", "R2"]
    told = found["R1"]
    assert isinstance(told, dict)
    assert (told["project"], told["group"], told["tags"]) == ("gpt", "s", ["t"])
    assert told["config"].items() >= {"lr": 0.5, "act": "relu", "bias": True, "seed": 7}.items()
    assert [(row["step"], row.get("loss"), row.get("acc")) for row in told["rows"]] == [
        (1, 0.5, 0.75),
        (3, 0.25, None),
        (3, 0.125, None),
    ]
    assert told["rows"][0]["_timestamp"] == 1.7e9
    assert (told["summary"]["life"], told["summary"]["loss"]) == ("done", 0.125)


def test_a_tracker_that_is_not_there_is_told_how_to_get(two: House, tmp_path: Path) -> None:
    python = tmp_path / "python"
    # Without the folder of installed packages: a Python that has nothing.
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n', "utf-8")
    python.chmod(0o755)
    for to in TRACKERS:
        words = ("--to", to, "--out", str(tmp_path / "out"), "--python", str(python))
        done = two.run("runs", "export", *words)
        assert done.exit_code == 1
        assert f"pip install 'command-center[{to}]'" in done.stderr


def test_text_goes_to_standard_output_and_files_into_a_folder(two: House, tmp_path: Path) -> None:
    for words in (("--to", "wandb"), ("--out", str(tmp_path))):
        assert two.run("runs", "export", *words).exit_code == 2
    assert set(TRACKERS) == set(exporter.TRACKERS)
