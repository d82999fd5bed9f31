import math
from pathlib import Path

import pytest

from command_center.training.bundle import copy_task
from tests.training.players import UNIFORM, figures, invalid, player, run, sign

pytestmark = pytest.mark.timeout(300)


def test_a_model_that_knows_nothing_needs_all_bits_of_a_symbol(tmp_path: Path) -> None:
    folder = player(tmp_path / "t", UNIFORM)
    assert figures(run(folder, "train.py"))["val_bpb"] == f"{math.log2(27):.6f}"
    assert figures(run(folder, "judge.py"))["val_bpb"] == f"{math.log2(27):.6f}"


def test_the_number_comes_from_the_judge_not_from_what_the_player_prints(tmp_path: Path) -> None:
    folder = player(tmp_path / "t", UNIFORM, 'print("val_bpb: 0.1")')
    told = figures(run(folder, "judge.py"))
    assert told["val_bpb"] == f"{math.log2(27):.6f}"
    assert told["claimed_val_bpb"] == "0.1"


def test_a_model_that_looks_ahead_is_found_out(tmp_path: Path) -> None:
    ahead = """
def logits(window):
    return [[9.0 * (s == following) for s in range(S)] for following in window[1:] + window[:1]]
"""
    assert "bytes before it" in invalid(player(tmp_path / "t", ahead))


def test_a_model_that_learns_from_the_questions_is_found_out(tmp_path: Path) -> None:
    growing = """
seen = [0.0] * S

def logits(window):
    for symbol in window:
        seen[symbol] += 0.01
    return [list(seen) for _ in window]
"""
    assert "bytes before it" in invalid(player(tmp_path / "t", growing))


def test_a_model_that_looks_into_its_neighbours_is_found_out(tmp_path: Path) -> None:
    nosy = """
def predict(windows):
    tops = [other[0] for other in windows[1:] + windows[:1]]
    return [9.0 * (s == top) for top in tops for _ in range(W) for s in range(S)]
"""
    assert "bytes before it" in invalid(player(tmp_path / "t", nosy))


def test_a_loss_that_is_no_number_is_no_result(tmp_path: Path) -> None:
    nan = "def logits(window):\n    return [[float('nan')] * S for _ in window]\n"
    assert "not a number" in invalid(player(tmp_path / "t", nan))


def test_too_few_logits_are_no_result(tmp_path: Path) -> None:
    short = "def logits(window):\n    return [[0.0] * S]\n"
    assert "logits came" in invalid(player(tmp_path / "t", short))


def test_a_player_that_ends_early_has_no_result(tmp_path: Path) -> None:
    assert "ended before" in invalid(player(tmp_path / "t", UNIFORM, "raise SystemExit(0)"))


def test_huge_logits_are_counted_without_overflow(tmp_path: Path) -> None:
    huge = "def logits(window):\n    return [[3000.0] * S for _ in window]\n"
    told = figures(run(player(tmp_path / "t", huge), "judge.py"))
    assert told["val_bpb"] == f"{math.log2(27):.6f}"


def test_a_changed_judge_is_no_judge(tmp_path: Path) -> None:
    for name in ("prepare.py", "task.toml", "data/val.txt"):
        folder = player(tmp_path / name.replace("/", "-"), UNIFORM)
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        done = run(folder, "judge.py")
        assert done.returncode == 1
        assert f"{name} belongs to the judge" in done.stderr


def test_a_judge_elsewhere_does_not_take_the_digests_of_the_player(tmp_path: Path) -> None:
    own, folder = player(tmp_path / "own", UNIFORM), player(tmp_path / "t", UNIFORM)
    (folder / "data" / "val.txt").write_text("easy " * 1000, "utf-8")
    sign(folder)
    assert figures(run(folder, "judge.py"))
    done = run(own, "judge.py", str(folder))
    assert "data/val.txt belongs to the judge" in done.stderr


def test_a_run_far_beyond_its_budget_is_ended(tmp_path: Path) -> None:
    folder = player(tmp_path / "t", UNIFORM, "while True:\n    pass")
    task = folder / "task.toml"
    task.write_text(task.read_text("utf-8").replace("cpu_limit = 300", "cpu_limit = 1"), "utf-8")
    sign(folder)
    assert "ended before" in invalid(folder)


def test_a_budget_of_cpu_seconds_ends_the_training(tmp_path: Path) -> None:
    counting = """
run.begin()
step = 0
while run.spent(step) < 1:
    step += 1
assert step > 1000
assert run.cpu_seconds < 0.5
"""
    folder = player(tmp_path / "t", UNIFORM, counting)
    assert figures(run(folder, "train.py", "--cpu-seconds", "0.2"))


def test_two_budgets_at_once_are_refused(tmp_path: Path) -> None:
    done = run(player(tmp_path / "t", UNIFORM), "train.py", "--steps", "1", "--seconds", "1")
    assert "one budget" in done.stderr


def test_a_text_of_ones_own_is_scored_as_the_test(tmp_path: Path) -> None:
    folder = player(tmp_path / "t", UNIFORM)
    hidden = tmp_path / "hidden.txt"
    hidden.write_text("Never seen before, by anyone. " * 500, "utf-8")
    told = figures(run(folder, "judge.py", "--test", str(hidden)))
    assert told["test_bpb"] == f"{math.log2(27):.6f}"


def test_the_model_of_microgpt_learns_and_repeats_itself(tmp_path: Path) -> None:
    copy_task("microgpt", tmp_path / "t")
    by_player = figures(run(tmp_path / "t", "train.py", "--steps", "20", "--seed", "3"))
    by_judge = figures(run(tmp_path / "t", "judge.py", "--steps", "20", "--seed", "3"))
    assert by_player["val_bpb"] == by_judge["val_bpb"]
    assert float(by_player["val_bpb"]) < math.log2(27) - 0.3
