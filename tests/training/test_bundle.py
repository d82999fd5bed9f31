import hashlib
import math
from pathlib import Path

import pytest

from command_center.domain.errors import IntentError, NotFound
from command_center.training import bundle
from command_center.training.noise import Noise, Score, shipped_noise
from tests.training.players import run

DATA = Path(bundle.__file__).parent / "data"


def test_the_texts_are_those_whose_digests_are_written_down() -> None:
    lines = (DATA / "sha256").read_text("utf-8").splitlines()
    assert len(lines) == 3
    for digest, name in (line.split("  ") for line in lines):
        assert hashlib.sha256(bundle.text(Path(name).stem)).hexdigest() == digest


def test_the_splits_have_no_long_passage_in_common() -> None:
    train = bundle.text("train")
    for split in ("val", "test"):
        text = bundle.text(split)
        passages = [text[i : i + 200] for i in range(0, len(text) - 200, 1000)]
        assert [passage for passage in passages if passage in train] == []


@pytest.mark.parametrize("name", bundle.NAMES)
def test_a_copy_holds_all_but_the_text_that_is_held_back(name: str, tmp_path: Path) -> None:
    bundle.copy_task(name, tmp_path / "copy")
    files = {str(f.relative_to(tmp_path / "copy")) for f in (tmp_path / "copy").rglob("*")}
    assert files == {".gitignore", "judge.sha256", "data", *bundle.JUDGES, *bundle.PLAYERS}
    passage = bundle.held_back()[:1000]
    for file in (tmp_path / "copy").rglob("*"):
        assert file.is_dir() or passage not in file.read_bytes()


@pytest.mark.parametrize("name", bundle.NAMES)
def test_a_copy_is_known_as_what_it_is(name: str, tmp_path: Path) -> None:
    bundle.copy_task(name, tmp_path)
    assert bundle.name_of(tmp_path) == name


def test_a_folder_that_is_no_copy_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no copy of a training task"):
        bundle.name_of(tmp_path)


def test_an_unknown_task_is_answered_with_a_near_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="did you mean starter"):
        bundle.copy_task("startr", tmp_path / "copy")


def test_nothing_is_copied_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("mine", "utf-8")
    with pytest.raises(IntentError, match="not empty"):
        bundle.copy_task("starter", tmp_path)
    assert (tmp_path / "train.py").read_text("utf-8") == "mine"


def test_microgpt_needs_no_size_for_gpus(tmp_path: Path) -> None:
    bundle.copy_task("microgpt", tmp_path)
    assert "no size gpu" in run(tmp_path, "train.py", "--size", "gpu").stderr


@pytest.mark.parametrize("name", bundle.NAMES)
def test_the_noise_that_is_shipped_follows_from_its_scores(name: str) -> None:
    noise = shipped_noise(name)
    assert noise.task == name
    assert len(noise.scores) >= 4
    assert Noise.of(noise.task, noise.budget, noise.scores, noise.machine) == noise
    assert f" {bundle.training_task(name).budget['cpu']['steps']:g}" in noise.budget


def test_the_noise_of_one_seed_is_unknown() -> None:
    noise = Noise.of("starter", "--steps 1", [Score(0, 2.0, 2.5, 1.0)], "")
    assert (noise.mean, noise.sd) == (2.0, None)
    more = Noise.of("t", "", [Score(0, 2.0, 2.0, 1.0), Score(1, 3.0, 3.0, 1.0)], "")
    assert more.sd == math.sqrt(0.5)


def test_the_tasks_are_small_enough_to_ship() -> None:
    folder = Path(bundle.__file__).parent
    sizes = [f.stat().st_size for f in folder.rglob("*") if f.suffix != ".pyc" and f.is_file()]
    assert sum(sizes) < 1_100_000
    for file in folder.rglob("*.py"):
        assert len(file.read_text("utf-8").splitlines()) < 300, file
