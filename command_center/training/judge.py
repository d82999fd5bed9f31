"""Runs a player's train.py and scores the model in this process, which loads none of its code.

    python judge.py [FOLDER] [--seed N] [--steps N | --cpu-seconds S | --seconds S] [--test FILE]

The judge of a copy that the player cannot write to is the one to trust: it compares the files of
the judge in FOLDER with its own before each run, and ends a run far beyond its budget.
"""

import os
import re
import resource
import socket
import struct
import subprocess
import sys
import threading
from array import array
from io import BufferedRWPair
from pathlib import Path

from prepare import (
    HERE,
    SOCKET,
    SUMS,
    Answer,
    Invalid,
    Run,
    Task,
    arguments,
    load,
    read_task,
    run_of,
    score,
    symbols_of,
    tell,
    verify,
)


def _answers_from(stream: BufferedRWPair, task: Task) -> Answer:
    def answer(windows: list[bytes]) -> "array[float]":
        try:
            stream.write(struct.pack("I", len(windows)) + b"".join(windows))
            stream.flush()
            [size] = struct.unpack("I", stream.read(4))
        except (OSError, struct.error) as error:
            raise Invalid("train.py ended before it had answered") from error
        if size != 4 * len(windows) * task.window * task.symbols:
            raise Invalid(f"{size // 4} logits came for {len(windows)} windows")
        return array("f", stream.read(size))

    return answer


def judge(folder: Path, run: Run, texts: dict[str, bytes]) -> dict[str, float]:
    """The bits per byte on each of the texts, and the CPU-seconds it took.

    Raises Invalid for a run without a result.
    """
    verify(folder, (HERE / SUMS).read_text("utf-8"))
    task = read_task()
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("rwb") as stream:
        with theirs:
            player = _start(folder, run, task.cpu_limit, theirs.fileno())
        talk = threading.Thread(target=_forward, args=(player,), daemon=True)
        talk.start()
        try:
            answer = _answers_from(stream, task)
            found = {f"{name}_bpb": score(answer, text, task) for name, text in texts.items()}
        finally:
            ours.shutdown(socket.SHUT_RDWR)
            _end(player)
            talk.join(1)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found | {"cpu_seconds": used.ru_utime + used.ru_stime}


def _start(folder: Path, run: Run, cpu_limit: int, ours: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "train.py", *run.words],
        cwd=folder,
        env=os.environ | {SOCKET: str(ours)},
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        pass_fds=(ours,),
        preexec_fn=None if run.size == "gpu" else lambda: _limit(cpu_limit),
    )


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def _end(player: "subprocess.Popen[str]") -> None:
    """It has been asked everything, so there is nothing to wait for."""
    try:
        player.wait(10)
    except subprocess.TimeoutExpired:
        player.kill()
        player.wait()


def _forward(player: "subprocess.Popen[str]") -> None:
    """What train.py says, with its own word on the score marked as such."""
    assert player.stdout is not None
    for line in player.stdout:
        print(re.sub(r"(?i)\b(val|test)_bpb", r"claimed_\1_bpb", line), end="", flush=True)


def main() -> None:
    parser = arguments()
    parser.description = __doc__
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    parser.add_argument("--test", type=Path, help="a text that the player has never seen")
    asked = parser.parse_args()
    texts = {"val": load("val")}
    if asked.test is not None:
        texts["test"] = symbols_of(asked.test.read_bytes(), read_task().alphabet)
    try:
        tell(**judge(asked.folder, run_of(asked), texts))
    except Invalid as problem:
        sys.exit(f"invalid: {problem}")


if __name__ == "__main__":
    main()
