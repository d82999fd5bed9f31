"""Copies of tasks with a train.py of the test's own, and what their judge says."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from command_center.training.bundle import copy_task

PLAYER = """
import prepare
run = prepare.settings()
W, S = prepare.read_task().window, prepare.read_task().symbols

def predict(windows):
    return [logit for window in windows for row in logits(window) for logit in row]

"""
UNIFORM = """
def logits(window):
    return [[0.0] * S for _ in window]
"""
FINISH = """
run.begin()
prepare.finish(predict, run, 1)
"""


def player(folder: Path, *code: str) -> Path:
    """A copy of microgpt whose model is this code."""
    copy_task("microgpt", folder)
    (folder / "train.py").write_text(PLAYER + "\n".join(code) + FINISH, "utf-8")
    return folder


def run(folder: Path, script: str, *words: str) -> "subprocess.CompletedProcess[str]":
    environ = {k: v for k, v in os.environ.items() if k not in ("SEED", "STEPS", "SIZE")}
    return subprocess.run(
        [sys.executable, script, *words], cwd=folder, env=environ, capture_output=True, text=True
    )


def figures(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    return dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)


def invalid(folder: Path, *words: str) -> str:
    """Why the judge gives no result."""
    done = run(folder, "judge.py", *words)
    assert done.returncode == 1, done.stdout
    assert "\nval_bpb:" not in done.stdout
    said = done.stderr.splitlines()[-1]
    assert said.startswith("invalid: "), done.stderr
    return said.removeprefix("invalid: ")


def sign(folder: Path) -> None:
    """Makes the files of the judge be as they are now."""
    sums = folder / "judge.sha256"
    names = [line.split("  ", 1)[1] for line in sums.read_text("utf-8").splitlines()]
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()), "utf-8")
