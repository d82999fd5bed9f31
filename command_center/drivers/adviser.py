"""Asks Optuna for trials in a process beside ours: it is heavy, and may be another Python's."""

import asyncio
import contextlib
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.errors import IntentError
from command_center.domain.runs import Run, RunLife
from command_center.domain.searches import Axis, Choice, Search, Value
from command_center.domain.spaces import fits, seed_of
from command_center.domain.text import one_line
from command_center.drivers.waiting import started

SCRIPT = Path(__file__).with_name("advising.py")
ANSWER_SECONDS = 120.0
"""For a whole start on a machine that is busy with runs; a question takes hundredths of one."""
MISSING = (
    "needs Optuna: pip install 'command-center[optuna]', or name an interpreter that has it as"
    " `python` of [runs] in config.toml; `--sampler random` needs nothing"
)


class _Answer(Struct, frozen=True):
    config: dict[str, Value] = {}
    error: str = ""


class Adviser:
    """Owns the process, which is started when it is asked first; `close` ends it."""

    def __init__(self, python: str) -> None:
        self._python = python
        """Interpreter; empty: ours."""
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def is_missing(self) -> bool:
        """Whether it is sure that no answer can come."""
        return not self._python and find_spec("optuna") is None

    async def advise(self, search: Search, trials: list[Run]) -> dict[str, Value]:
        """The values of the trial after those. Raises IntentError."""
        question = msgspec.json.encode(_question(search, trials)) + b"\n"
        async with self._turn:
            # One that has left for having nothing to do is started again.
            line = await self._ask(question) or await self._ask(question)
        if not line:
            raise IntentError(f"no answer from Optuna in {self._python or sys.executable}")
        answer = msgspec.json.decode(line, type=_Answer)
        if "No module named 'optuna'" in answer.error:
            raise IntentError(MISSING)
        if answer.error:
            raise IntentError(f"Optuna: {one_line(answer.error, 300)}")
        return answer.config

    async def _ask(self, question: bytes) -> bytes:
        """Its line; empty when it is gone."""
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                process.stdin.write(question)
                await process.stdin.drain()
                line = await process.stdout.readline()
        except (TimeoutError, ConnectionError):
            line = b""
        if not line:
            await self.close()
        return line

    async def _started(self) -> asyncio.subprocess.Process:
        """Raises IntentError."""
        if self._process is not None and self._process.returncode is not None:
            await self.close()
        if self._process is None:
            try:
                self._process = await started(
                    asyncio.create_subprocess_exec(
                        *(self._python or sys.executable, "-I", str(SCRIPT)),
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                        stderr=asyncio.subprocess.DEVNULL,
                    )
                )
            except OSError as error:
                raise IntentError(f"{self._python}: {error.strerror}") from error
        return self._process

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


def _question(search: Search, trials: list[Run]) -> dict[str, object]:
    return {
        "axes": {name: _axis(axis) for name, axis in search.axes.items()},
        "trials": [_trial(run, search) for run in trials if fits(run.order.config, search.axes)],
        "higher_is_better": search.order.is_higher_better,
        "seed": seed_of(search, len(trials)),
    }


def _axis(axis: Axis) -> dict[str, object]:
    if isinstance(axis, Choice):
        return {"values": axis.values}
    return {
        "low": axis.low,
        "high": axis.high,
        "whole": axis.is_whole,
        "log": axis.is_log,
        "step": axis.step,
        "values": (),
    }


def _trial(run: Run, search: Search) -> dict[str, object]:
    value = run.result if run.life is RunLife.DONE else None
    state = "running" if not run.life.is_over else "fail" if value is None else "complete"
    config = {name: run.order.config[name] for name in search.axes}
    return {"config": config, "state": state, "value": value}
