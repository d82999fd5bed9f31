"""Data, budget and metric of a training task. The player edits train.py, never this file.

    python train.py              trains and scores in one process: quick, on its own word
    python judge.py [FOLDER]     runs FOLDER/train.py and counts where none of it is loaded

Both take --seed N, --size cpu|gpu and one budget: --steps N, --cpu-seconds S or --seconds S, or the
same in SEED, SIZE, STEPS, CPU_SECONDS, SECONDS. Both print the same `val_bpb` to the last digit.

The model is asked about windows of the text and answers with logits; it never sees a target. Each
answer may depend on nothing but the bytes up to its place: some windows are asked a second time, in
other company and with another end, and what stood before must not move.
"""

import argparse
import hashlib
import math
import os
import random
import re
import socket
import struct
import time
import tomllib
import warnings
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

# Before torch is loaded: two runs with two threads each on two cores take tens of times longer.
os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore", "Failed to initialize NumPy")

HERE = Path(__file__).resolve().parent
SUMS = "judge.sha256"
SOCKET = "JUDGE_SOCKET"
TOLERANCE = 0.01
"""Logits: kernels differ in the last digits with the company a row is in, a leak moves far more."""

Predict = Callable[[list[bytes]], list[float]]
"""Windows of symbols to logits, flat: window, then place, then symbol."""
Answer = Callable[[list[bytes]], "array[float]"]
Whole = TypeVar("Whole", list[int], "array[float]")


class Invalid(Exception):
    """This run has no result; the text says why."""


@dataclass(frozen=True)
class Task:
    """task.toml."""

    title: str
    needs: str
    """Module that train.py imports; empty for none."""
    budget: dict[str, dict[str, float]]
    """Per size: one of steps, cpu_seconds, seconds."""
    cpu_limit: int
    """CPU-seconds after which the judge ends a run, whatever its budget; only for size cpu."""
    window: int
    """Bytes of context, at most, of each prediction."""
    windows: int
    batch: int
    """Windows in one question."""
    alphabet: str = ""
    """Symbols of the text, to which it is reduced; empty: all 256 bytes."""

    @property
    def symbols(self) -> int:
        return len(self.alphabet) or 256


def read_task(folder: Path = HERE) -> Task:
    return Task(**tomllib.loads((folder / "task.toml").read_text("utf-8")))


def load(split: str) -> bytes:
    """The text of `train` or `val`, one symbol a byte, each below `symbols`."""
    return symbols_of((HERE / "data" / f"{split}.txt").read_bytes(), read_task().alphabet)


def symbols_of(text: bytes, alphabet: str) -> bytes:
    """With an alphabet: lower case, and every run of other bytes is one of its first symbol."""
    if not alphabet:
        return text
    kept = re.sub(f"[^{re.escape(alphabet[1:])}]+", alphabet[0], text.decode("utf-8").lower())
    return bytes(map({sign: number for number, sign in enumerate(alphabet)}.__getitem__, kept))


def verify(folder: Path, sums: str | None = None) -> None:
    """Raises Invalid when a file that belongs to the judge is not as it was shipped."""
    for line in (sums or (folder / SUMS).read_text("utf-8")).splitlines():
        digest, name = line.split("  ", 1)
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise Invalid(f"{name} belongs to the judge and was changed; restore it")


@dataclass
class Run:
    """What one run was asked for, and how much of its budget is gone."""

    seed: int
    size: str
    kind: str
    """steps, cpu_seconds or seconds."""
    budget: float
    begun: float = 0.0
    begun_wall: float = 0.0

    def begin(self) -> None:
        """Call before the first step: loading libraries and data is free."""
        self.begun, self.begun_wall = time.process_time(), time.monotonic()

    def spent(self, step: int) -> float:
        """Share of the budget, from 0 to 1, after so many steps."""
        now = {"steps": step, "cpu_seconds": self.cpu_seconds, "seconds": self.seconds}
        return min(1.0, now[self.kind] / self.budget)

    @property
    def words(self) -> list[str]:
        """The arguments that ask for it."""
        amount = str(int(self.budget) if self.kind == "steps" else self.budget)
        budget = [f"--{self.kind.replace('_', '-')}", amount]
        return ["--seed", str(self.seed), "--size", self.size, *budget]

    @property
    def cpu_seconds(self) -> float:
        return time.process_time() - self.begun

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun_wall


def settings(words: list[str] | None = None) -> Run:
    """What the command line asks for, else the environment, else task.toml."""
    verify(HERE)
    return run_of(arguments().parse_args(words))


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    environ = os.environ
    parser.add_argument("--seed", type=int, default=int(environ.get("SEED", "0")))
    parser.add_argument("--size", choices=("cpu", "gpu"), default=environ.get("SIZE", "cpu"))
    for kind, number in (("steps", int), ("cpu_seconds", float), ("seconds", float)):
        parser.add_argument(f"--{kind.replace('_', '-')}", type=number)
    return parser


def run_of(asked: argparse.Namespace) -> Run:
    kinds = ("steps", "cpu_seconds", "seconds")
    told = {kind: value for kind in kinds if (value := getattr(asked, kind)) is not None}
    told = told or {k: float(os.environ[k.upper()]) for k in kinds if os.environ.get(k.upper())}
    task = read_task()
    if not told and asked.size not in task.budget:
        raise SystemExit(f"this task has no size {asked.size}")
    told = told or task.budget[asked.size]
    if len(told) != 1 or min(told.values()) <= 0:
        raise SystemExit("give one budget greater than 0: steps, CPU-seconds or seconds")
    [(kind, budget)] = told.items()
    return Run(asked.seed, asked.size, kind, float(budget))


def finish(predict: Predict, run: Run, steps: int, **facts: float) -> None:
    """The last call of train.py: prints what it did, and has the model scored."""
    print("---")
    tell(num_steps=steps, training_cpu_seconds=run.cpu_seconds, training_seconds=run.seconds)
    tell(**facts)
    if SOCKET in os.environ:
        _serve(predict, int(os.environ[SOCKET]))
        return
    try:
        bpb = score(lambda windows: array("f", predict(windows)), load("val"), read_task())
    except Invalid as problem:
        raise SystemExit(f"invalid: {problem}") from problem
    tell(val_bpb=bpb)


def tell(**facts: float) -> None:
    for key, value in facts.items():
        print(f"{key}: {value:.6f}" if isinstance(value, float) else f"{key}: {value}", flush=True)


def score(answer: Answer, text: bytes, task: Task) -> float:
    """Bits per byte over the first windows of a text, each of their bytes predicted once."""
    ends = range(task.window, task.window * task.windows + 1, task.window)
    # One more than a window: the last target.
    texts = [text[end - task.window : end + 1] for end in ends]
    if len(texts[-1]) <= task.window:
        raise Invalid("the text is too short for this task")
    order = list(range(task.windows))
    # Neighbours apart, so that no window of a batch holds the target of another one's last place.
    random.Random(0).shuffle(order)
    watched = random.SystemRandom().sample(order, task.batch)
    nats: list[float] = []
    first: dict[int, array[float]] = {}
    for rows in _chunks(order, task.batch):
        logits = _ask(answer, [texts[row][:-1] for row in rows], task)
        for row, part in zip(rows, logits, strict=True):
            nats += _nats(part, texts[row][1:], task.symbols)
            if row in watched:
                first[row] = part
    probe(answer, {texts[row][:-1]: part for row, part in first.items()}, task)
    bpb = math.fsum(nats) / (math.log(2) * len(nats))
    if not math.isfinite(bpb):
        raise Invalid("the loss is not a number")
    return bpb


def probe(answer: Answer, first: dict[bytes, "array[float]"], task: Task) -> None:
    """Asks again with the ends of the windows exchanged: no earlier answer may move."""
    chance = random.SystemRandom()
    windows = list(first)
    chance.shuffle(windows)
    cuts = [chance.randrange(1, task.window) for _ in windows]
    others = windows[1:] + windows[:1]
    mixed = [w[:cut] + o[cut:] for w, o, cut in zip(windows, others, cuts, strict=True)]
    for window, cut, again in zip(windows, cuts, _ask(answer, mixed, task), strict=True):
        before = first[window][: cut * task.symbols]
        if any(abs(a - b) > TOLERANCE for a, b in zip(before, again, strict=False)):
            raise Invalid("an answer depends on more than the bytes before it")


def _ask(answer: Answer, windows: list[bytes], task: Task) -> list["array[float]"]:
    size = task.window * task.symbols
    logits = answer(windows)
    if len(logits) != len(windows) * size:
        raise Invalid(f"{len(logits)} logits came for {len(windows)} windows of {size}")
    return list(_chunks(logits, size))


def _nats(logits: "array[float]", targets: bytes, symbols: int) -> Iterator[float]:
    for row, target in zip(_chunks(logits, symbols), targets, strict=True):
        try:
            total = math.log(sum(map(math.exp, row)))
        except (OverflowError, ValueError):
            most = max(row)
            total = most + math.log(sum(math.exp(logit - most) for logit in row))
        yield total - row[target]


def _chunks(whole: Whole, size: int) -> Iterator[Whole]:
    return (whole[start : start + size] for start in range(0, len(whole), size))


def _serve(predict: Predict, number: int) -> None:
    """In the process of train.py: answers the judge until it asks no more."""
    window = read_task().window
    with socket.socket(fileno=number) as judge, judge.makefile("rwb") as stream:
        while head := stream.read(4):
            text = stream.read(struct.unpack("I", head)[0] * window)
            windows = [text[i : i + window] for i in range(0, len(text), window)]
            logits = array("f", predict(windows)).tobytes()
            stream.write(struct.pack("I", len(logits)) + logits)
            stream.flush()
