"""Moves a worktree with all of git's knowledge of it aside, and back, bit for bit.

A removal or a return that was killed is finished, or undone, by asking for it once more.
Callers hold the repository's lock.
"""

import os
import re
from pathlib import Path

import msgspec

from command_center.domain.errors import BranchExists, GitError, PathTaken
from command_center.domain.model import Repo
from command_center.drivers.git import git
from command_center.drivers.losses import losses, other_holders
from command_center.drivers.refs import ref_value, short_refs
from command_center.drivers.trash_steps import (
    PHASES,
    RESTORE_STEPS,
    TRASH_STEPS,
    Step,
    Trashed,
    branch_config,
    phase_of,
    write_plan,
)
from command_center.drivers.worktree_entry import entry_of, vantage

KEPT = "refs/command-center/kept"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


async def remove(
    repo: Repo, path: Path, branch: str, trash_dir: Path, agent_id: str, *, keep_branch: bool
) -> Trashed:
    """Refuse with WorktreeNotEmpty, or move worktree and branch aside and keep a ref.

    `trash_dir` must be on the worktree's file system. The same call after a crash goes on
    where it stopped, and after a success answers the same.
    """
    path = path.absolute()
    if done := _unfinished_or_done(trash_dir, agent_id, path):
        phase = phase_of(done)
        if phase == "trashed":
            return done
        if phase == "trashing" and not _is_whole(done):
            await _run(TRASH_STEPS, repo, done)
            return done
        # It is back, or all but: somebody may have worked there since.
        await _run(RESTORE_STEPS, repo, done)
    (await losses(repo, path, branch, keep_branch=keep_branch)).refuse(path)
    plan = await _plan(repo, path, branch, trash_dir, agent_id, keep_branch=keep_branch)
    try:
        await write_plan(repo, plan)
        await _run(TRASH_STEPS, repo, plan)
    except (OSError, GitError) as error:
        await _run(RESTORE_STEPS, repo, plan)
        raise _as_git_error(path, error) from error
    return plan


async def bring_back(repo: Repo, trashed: Trashed) -> None:
    """Undo `remove`. Refuses, changing nothing, when path, entry or branch name is taken."""
    phase = phase_of(trashed)
    if phase is None:
        if entry_of(repo, Path(trashed.path)) and os.path.lexists(trashed.path):
            return
        raise GitError(f"{trashed.folder}: not in the trash any more; {trashed.kept_ref} has it")
    if phase == "trashed":
        await _refuse_taken(repo, trashed)
    try:
        await _run(RESTORE_STEPS, repo, trashed)
    except OSError as error:
        raise _as_git_error(Path(trashed.folder), error) from error


def trashed_in(trash_dir: Path) -> list[Trashed]:
    """Every record in the trash, half-done ones too."""
    files = (file for phase in PHASES for file in trash_dir.glob(f"*/{phase}.json"))
    return [msgspec.json.decode(file.read_bytes(), type=Trashed) for file in files]


def _as_git_error(path: Path, error: OSError | GitError) -> GitError:
    if isinstance(error, GitError):
        return error
    return GitError(f"{path}: cannot be moved: {error.strerror}: {error.filename}")


def _is_whole(trashed: Trashed) -> bool:
    return os.path.lexists(trashed.path) and Path(trashed.entry).exists()


async def _run(steps: tuple[Step, ...], repo: Repo, trashed: Trashed) -> None:
    for step in steps:
        await step(repo, trashed)


def _unfinished_or_done(trash_dir: Path, agent_id: str, path: Path) -> Trashed | None:
    mine = [
        trashed
        for trashed in trashed_in(trash_dir)
        if trashed.agent_id == agent_id and trashed.path == str(path)
    ]
    unfinished = [trashed for trashed in mine if phase_of(trashed) != "trashed"]
    if unfinished:
        return unfinished[0]
    if os.path.lexists(path) or not mine:
        return None
    return max(mine, key=lambda trashed: int(trashed.folder.rpartition("-")[2]))


async def _plan(
    repo: Repo, path: Path, branch: str, trash_dir: Path, agent_id: str, *, keep_branch: bool
) -> Trashed:
    if not _ID.fullmatch(agent_id):
        raise GitError(f"{agent_id!r}: an agent id is letters, digits, '-' and '_'")
    entry = entry_of(repo, path)
    if entry is None:
        raise GitError(f"{path}: not a worktree of {repo.name}; `git worktree list` shows them")
    ref = f"refs/heads/{branch}"
    tip = await ref_value(repo.root, ref)
    is_elsewhere = ref in await other_holders(repo, path)
    head = await ref_value(vantage(repo, path), "HEAD")
    name = await _free_name(repo, trash_dir, agent_id)
    return Trashed(
        agent_id=agent_id,
        path=str(path),
        branch=branch,
        tip=tip or head,
        folder=str(trash_dir.absolute() / name),
        entry=str(entry),
        entry_aside=str(Path(repo.common_dir, "command-center-trash", name)),
        kept_ref=f"{KEPT}/{name}",
        has_branch=bool(tip),
        is_branch_kept=keep_branch or is_elsewhere,
        branch_config=await branch_config(repo, branch),
    )


async def _free_name(repo: Repo, trash_dir: Path, agent_id: str) -> str:
    kept = await git(repo.root, "for-each-ref", "--format=%(refname:lstrip=3)", KEPT)
    taken = {*kept.text.splitlines()}
    number = 1
    while f"{agent_id}-{number}" in taken or (trash_dir / f"{agent_id}-{number}").exists():
        number += 1
    return f"{agent_id}-{number}"


async def _refuse_taken(repo: Repo, trashed: Trashed) -> None:
    if os.path.lexists(trashed.path):
        raise PathTaken(f"{trashed.path}: exists again; move it away, then undo the removal")
    if Path(trashed.entry).exists():
        raise PathTaken(f"{trashed.entry}: another worktree uses this entry; remove that first")
    if not trashed.has_branch:
        return
    branch, now = trashed.branch, await ref_value(repo.root, f"refs/heads/{trashed.branch}")
    if now and not (trashed.is_branch_kept and now == trashed.tip):
        raise BranchExists(
            f"branch {branch!r} was made or moved since the removal; rename it, then undo "
            f"({trashed.kept_ref} holds the old one)"
        )
    for other in await short_refs(repo, "refs/heads"):
        if branch.startswith(f"{other}/") or other.startswith(f"{branch}/"):
            raise BranchExists(f"branch {branch!r} cannot exist beside {other!r}; rename that one")
