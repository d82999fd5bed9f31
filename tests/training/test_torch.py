"""The tasks that need torch, with as few steps as say something."""

import math
from importlib.util import find_spec
from pathlib import Path

import pytest

from command_center.training.bundle import copy_task
from tests.training.players import figures, invalid, run, sign

pytestmark = [
    pytest.mark.torch,
    pytest.mark.timeout(300),
    pytest.mark.skipif(find_spec("torch") is None, reason="there is no torch for this Python"),
]


def short_copy(name: str, folder: Path) -> Path:
    """With a sixteenth of the text to score."""
    copy_task(name, folder)
    task = folder / "task.toml"
    task.write_text(task.read_text("utf-8").replace("windows = 1024", "windows = 64"), "utf-8")
    sign(folder)
    return folder


@pytest.mark.parametrize("name", ["starter", "hard"])
def test_the_same_seed_gives_the_same_bits_to_player_and_judge(name: str, tmp_path: Path) -> None:
    folder = short_copy(name, tmp_path / "t")
    words = ("--steps", "25", "--seed", "3")
    by_player = figures(run(folder, "train.py", *words))
    by_judge = figures(run(folder, "judge.py", *words))
    for figure in ("train_bpb", "val_bpb"):
        assert by_player[figure] == by_judge[figure]
    assert float(by_judge["val_bpb"]) < 0.8 * math.log2(256)


def test_a_gpt_that_attends_to_what_comes_is_found_out(tmp_path: Path) -> None:
    train = short_copy("starter", tmp_path / "t") / "train.py"
    honest = train.read_text("utf-8")
    cheating = honest.replace("is_causal=True", "is_causal=False")
    assert cheating != honest
    train.write_text(cheating, "utf-8")
    assert "bytes before it" in invalid(train.parent, "--steps", "5")
