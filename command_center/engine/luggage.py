"""What a run brings along to its commit: files that no commit holds, and the judge of a task."""

import asyncio
import sys
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from command_center.domain.errors import IntentError
from command_center.domain.model import Repo, State
from command_center.domain.run_templates import PYTHON
from command_center.domain.runs import RunOrder
from command_center.domain.text import one_line
from command_center.drivers.bringing import committed, overlaid
from command_center.drivers.executors import LOCAL
from command_center.drivers.git import git

AT_WORK = (State.BUSY, State.WAITING, State.LIMITED)
"""States of an agent in the middle of a turn."""


async def laden(order: RunOrder, repo: Repo, commit: str, place: str) -> str:
    """The commit at which the run starts. `place` is a folder in the checkout that it brings from.

    Raises IntentError, GitError, OSError.
    """
    contents = await _judged(order, repo, commit) if order.training else {}
    if not contents and not order.files:
        return commit
    top = repo.root
    if order.files and not repo.is_bare:
        top = (await git(place, "rev-parse", "--show-toplevel")).text
    return await overlaid(repo, commit, Path(top), order.files, contents)


def interpreted(order: RunOrder) -> RunOrder:
    """With the interpreter that is meant. Raises IntentError without what its task imports."""
    if not any(PYTHON in word for word in order.command):
        return order
    # Not at the top: the supervisor starts without it.
    from command_center.training.bundle import missing_module

    is_here = order.executor == LOCAL
    if is_here and order.training and (needed := missing_module(order.training)):
        raise IntentError(
            f"{order.training} needs {needed}, which {sys.executable} does not have: "
            "`pip install 'command-center[train]'`, or take the template microgpt"
        )
    python = sys.executable if is_here else "python3"
    return replace(order, command=tuple(word.replace(PYTHON, python) for word in order.command))


async def _judged(order: RunOrder, repo: Repo, commit: str) -> dict[str, bytes]:
    """The judge of the task by path; where no copy of the task lies, the whole task."""
    from command_center.training import bundle

    task, folder = order.training, PurePosixPath(order.folder)
    bundle.training_task(task)
    known = await committed(repo, commit, str(folder / "task.toml"))
    other = next(
        (n for n in bundle.NAMES if n != task and known == bundle.shipped_file(n, "task.toml")), ""
    )
    if other:
        raise IntentError(f"{_shown(order)} is a copy of {other}, not of {task}")
    files: tuple[str, ...] = bundle.JUDGES
    if known is None:
        if await committed(repo, commit, str(folder / "train.py")) is not None:
            raise IntentError(
                f"{_shown(order)} has a train.py that is no copy of {task}; make one with "
                f"`acc train copy {task} DIR`, commit it, and run this inside DIR"
            )
        files += bundle.PLAYERS
    contents = await asyncio.to_thread(
        lambda: {str(folder / file): bundle.shipped_file(task, file) for file in files}
    )
    return {**contents, str(folder / "judge.sha256"): bundle.judge_sums(task).encode()}


def _shown(order: RunOrder) -> str:
    return one_line(order.folder, 200) or "the repository's top folder"
