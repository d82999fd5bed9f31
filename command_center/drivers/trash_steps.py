"""The steps by which a worktree goes into the trash and comes back.

Two folders hold a removed worktree, each on the file system it came from, so that both
moves are renames: `TRASH_DIR/ID-N/` the files and the record;
`COMMON_DIR/command-center-trash/ID-N` the worktree's entry (index, HEAD, its logs and refs)
and beside it the branch's log. The record's file name tells how far things are: `trashing`,
`trashed`, `restoring`. Every step may be run again. Callers hold the repository's lock.
"""

import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from command_center.domain.model import Repo
from command_center.drivers.git import git
from command_center.drivers.refs import ref_value

PHASES = ("trashing", "trashed", "restoring")


class Trashed(Struct, frozen=True):
    """All that is needed to bring a worktree back. Absolute paths."""

    agent_id: str
    path: str
    """Where the worktree stood."""
    branch: str
    tip: str
    """Commit that the kept ref holds; empty when there was none."""
    folder: str
    """Below the trash: `files` and the record."""
    entry: str
    """The worktree's entry in git, where it stood."""
    entry_aside: str
    kept_ref: str
    has_branch: bool
    """False when `branch` was gone before the removal; then `tip` is of HEAD."""
    is_branch_kept: bool
    """It was asked for, or another worktree has the branch checked out."""
    branch_config: tuple[tuple[str, str], ...] = ()


Step: TypeAlias = Callable[[Repo, Trashed], Awaitable[None]]


def phase_of(trashed: Trashed) -> str | None:
    return next((name for name in PHASES if record(trashed, name).exists()), None)


def record(trashed: Trashed, phase: str) -> Path:
    return Path(trashed.folder, f"{phase}.json")


async def branch_config(repo: Repo, branch: str) -> tuple[tuple[str, str], ...]:
    found = await git(
        repo.root, "config", "--local", "-z", "--get-regexp", r"^branch\.", check=False
    )
    pairs = (entry.partition("\n") for entry in found.text.split("\0") if entry)
    # Only the variable's own name follows the branch's, and it holds no dot.
    return tuple(
        (key, value) for key, _, value in pairs if key.rpartition(".")[0] == f"branch.{branch}"
    )


def _branch_log(repo: Repo, trashed: Trashed) -> Path:
    return Path(repo.common_dir, "logs", "refs", "heads", trashed.branch)


def _branch_log_aside(trashed: Trashed) -> Path:
    return Path(f"{trashed.entry_aside}.branch.log")


async def write_plan(repo: Repo, plan: Trashed) -> None:
    Path(plan.folder).mkdir(parents=True)
    Path(plan.entry_aside).parent.mkdir(exist_ok=True)
    log = _branch_log(repo, plan)
    if log.is_file():
        shutil.copy2(log, _branch_log_aside(plan))
    _write(record(plan, "trashing"), msgspec.json.encode(plan))


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".")
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    Path(name).replace(file)


def _move(source: Path, target: Path) -> None:
    if os.path.lexists(source) and not os.path.lexists(target):
        source.rename(target)


def _mark(trashed: Trashed, phase: str) -> None:
    if (now := phase_of(trashed)) and now != phase:
        record(trashed, now).rename(record(trashed, phase))


async def _keep_ref(repo: Repo, trashed: Trashed) -> None:
    if trashed.tip:
        await git(repo.root, "update-ref", trashed.kept_ref, trashed.tip)


# The entry leaves before the files and returns after them: a `git worktree prune` in
# between has nothing to prune.
async def _entry_aside(_: Repo, trashed: Trashed) -> None:
    _move(Path(trashed.entry), Path(trashed.entry_aside))


async def _files_aside(_: Repo, trashed: Trashed) -> None:
    _move(Path(trashed.path), Path(trashed.folder, "files"))


async def _delete_branch(repo: Repo, trashed: Trashed) -> None:
    ref = f"refs/heads/{trashed.branch}"
    if trashed.is_branch_kept or not trashed.has_branch:
        return
    if await ref_value(repo.root, ref) == trashed.tip:
        await git(repo.root, "update-ref", "-d", ref, trashed.tip)
        await _forget_config(repo, trashed)


async def _forget_config(repo: Repo, trashed: Trashed) -> None:
    section = f"branch.{trashed.branch}"
    await git(repo.root, "config", "--local", "--remove-section", section, check=False)


async def _mark_trashed(_: Repo, trashed: Trashed) -> None:
    _mark(trashed, "trashed")


async def _mark_restoring(_: Repo, trashed: Trashed) -> None:
    _mark(trashed, "restoring")


async def _bring_branch(repo: Repo, trashed: Trashed) -> None:
    ref = f"refs/heads/{trashed.branch}"
    if trashed.has_branch and not await ref_value(repo.root, ref):
        await git(repo.root, "update-ref", ref, trashed.tip, "0" * len(trashed.tip))


async def _bring_branch_log(repo: Repo, trashed: Trashed) -> None:
    if not (saved := _branch_log_aside(trashed)).exists():
        return
    log = _branch_log(repo, trashed)
    log.parent.mkdir(parents=True, exist_ok=True)
    # A branch that was not deleted may have gone on since.
    if not log.exists() or not log.read_bytes().startswith(saved.read_bytes()):
        saved.replace(log)


async def _bring_branch_config(repo: Repo, trashed: Trashed) -> None:
    now = await branch_config(repo, trashed.branch)
    if now == trashed.branch_config or (now and trashed.is_branch_kept):
        return
    await _forget_config(repo, trashed)
    for key, value in trashed.branch_config:
        await git(repo.root, "config", "--local", "--add", key, value)


async def _files_back(_: Repo, trashed: Trashed) -> None:
    _move(Path(trashed.folder, "files"), Path(trashed.path))


async def _entry_back(_: Repo, trashed: Trashed) -> None:
    Path(trashed.entry).parent.mkdir(exist_ok=True)
    _move(Path(trashed.entry_aside), Path(trashed.entry))


async def _empty_folder(repo: Repo, trashed: Trashed) -> None:
    await git(repo.root, "update-ref", "-d", trashed.kept_ref)
    _branch_log_aside(trashed).unlink(missing_ok=True)
    if Path(trashed.folder).is_dir():
        record(trashed, "restoring").unlink(missing_ok=True)
        # Fails, rather than deletes, should anything else lie there.
        Path(trashed.folder).rmdir()


TRASH_STEPS: tuple[Step, ...] = (
    _keep_ref,
    _entry_aside,
    _files_aside,
    _delete_branch,
    _mark_trashed,
)
RESTORE_STEPS: tuple[Step, ...] = (
    _mark_restoring,
    _bring_branch,
    _bring_branch_log,
    _bring_branch_config,
    _files_back,
    _entry_back,
    _empty_folder,
)
