"""How much a score moves when nothing but the seed does: the least that a gain must exceed."""

import platform
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.errors import IntentError
from command_center.domain.text import one_line
from command_center.training.bundle import (
    copy_task,
    held_back,
    name_of,
    shipped_file,
    training_task,
)

_FIGURE = re.compile(r"^(\w+): (\S+)$", re.MULTILINE)


class Score(Struct, frozen=True):
    """One judged run."""

    seed: int
    val_bpb: float
    test_bpb: float
    """On the text that no copy holds."""
    cpu_seconds: float
    """Of the whole run: loading, training, scoring."""


class Noise(Struct, frozen=True):
    """The scores of one train.py under several seeds."""

    task: str
    budget: str
    """As the arguments of train.py."""
    scores: tuple[Score, ...]
    mean: float
    sd: float | None
    """Of val_bpb, n-1 in the divisor; None for fewer than two seeds."""
    test_mean: float
    test_sd: float | None
    machine: str
    """Processor, Python and torch: other ones may give other last digits."""

    @classmethod
    def of(cls, task: str, budget: str, scores: Iterable[Score], machine: str) -> "Noise":
        told = tuple(sorted(scores, key=lambda score: score.seed))
        vals, tests = [s.val_bpb for s in told], [s.test_bpb for s in told]
        return cls(
            task,
            budget,
            told,
            statistics.fmean(vals),
            _sd(vals),
            statistics.fmean(tests),
            _sd(tests),
            machine,
        )


class Judge:
    """Copies of judge and hidden text that no player sees, while entered.

    `python` runs the judge and the task, and must have what the task needs: else IntentError.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder.absolute()
        self.task = name_of(folder)
        self.python = python
        self._leaving = ExitStack()
        if (needs := training_task(self.task).needs) and not self._has(needs):
            raise IntentError(
                f"{self.task} needs {needs}: pip install 'command-center[train]',"
                " or name another interpreter with --python"
            )

    def __enter__(self) -> "Judge":
        own = Path(self._leaving.enter_context(tempfile.TemporaryDirectory()))
        self._judge, self._hidden = own / "judge", own / "hidden.txt"
        copy_task(self.task, self._judge)
        self._hidden.write_bytes(held_back())
        return self

    def __exit__(self, *error: object) -> None:
        self._leaving.close()

    def command(self, seed: int, budget: Sequence[str], *, with_test: bool) -> list[str]:
        hidden = ["--test", str(self._hidden)] if with_test else []
        judge = str(self._judge / "judge.py")
        return [self.python, judge, str(self.folder), "--seed", str(seed), *budget, *hidden]

    def score(self, seed: int, budget: Sequence[str]) -> Score:
        """Raises IntentError with the judge's words for a run without a result."""
        command = self.command(seed, budget, with_test=True)
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if done.returncode:
            said = one_line((done.stderr.strip() or "no word of it").splitlines()[-1])
            raise IntentError(f"{self.task}, seed {seed}: {said}")
        told = dict(_FIGURE.findall(done.stdout))
        figures = {key: float(told[key]) for key in ("val_bpb", "test_bpb", "cpu_seconds")}
        return Score(seed, **figures)

    def machine(self) -> str:
        needs = training_task(self.task).needs
        version = f"; import {needs}; print('{needs}', {needs}.__version__)" if needs else ""
        code = f"import platform; print('Python', platform.python_version()){version}"
        told = subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True)
        return ", ".join((_processor(), *told.stdout.splitlines()))

    def _has(self, module: str) -> bool:
        code = f"from importlib.util import find_spec as f; raise SystemExit(f('{module}') is None)"
        try:
            return subprocess.run([self.python, "-c", code]).returncode == 0
        except OSError as error:
            raise IntentError(f"{one_line(self.python)}: {error.strerror}") from error


def measure(
    judge: Judge,
    seeds: Iterable[int],
    budget: Sequence[str],
    jobs: int,
    tell: Callable[[Score], None],
) -> Noise:
    """Judges one run per seed, `jobs` at a time, and tells each score as it comes."""

    def one(seed: int) -> Score:
        score = judge.score(seed, budget)
        tell(score)
        return score

    with ThreadPoolExecutor(jobs) as pool:
        scores = list(pool.map(one, seeds))
    used = " ".join(budget) or _default(judge.task)
    return Noise.of(judge.task, used, scores, judge.machine())


def shipped_noise(name: str) -> Noise:
    """As measured for the release; raises NotFound for an unknown name."""
    return msgspec.json.decode(shipped_file(name, "noise.json"), type=Noise)


def _default(task: str) -> str:
    [(kind, amount)] = training_task(task).budget["cpu"].items()
    return f"--{kind.replace('_', '-')} {amount:g}"


def _sd(values: list[float]) -> float | None:
    return statistics.stdev(values) if len(values) > 1 else None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text("utf-8", "replace") if info.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return one_line(found[1]) if found else platform.processor() or platform.machine()
