"""Makes, removes and brings back worktrees, many at a time.

Metadata is written one repository at a time under a lock, files are checked out beside
one another. A worktree of ours is locked in git's sense: `git worktree prune` and `remove`
by others leave it alone. While it is being made the lock's reason is `UNFINISHED`, so that
what a crash leaves behind can be told from what somebody worked in.
"""

import asyncio
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from command_center.domain.errors import (
    BranchExists,
    GitError,
    NoSuchRef,
    PathTaken,
)
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers import trash
from command_center.drivers.checkout import Checkouts, refuse_too_long, too_long
from command_center.drivers.git import Completed, failure, git
from command_center.drivers.losses import losses
from command_center.drivers.refs import ref_value, resolve, short_refs
from command_center.drivers.repolock import RepositoryLocks
from command_center.drivers.trash_steps import Trashed
from command_center.drivers.waiting import uninterrupted
from command_center.drivers.worktree_entry import entry_of

UNFINISHED = "command-center is still making this worktree from"
IN_USE = "an agent of command-center works here; `command-center remove` takes it away safely"

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What `git worktree add` says when somebody else writes the same repository's metadata.
_RACE = re.compile(r"commondir|could not lock config|\.lock': File exists|cannot lock ref")
_CLASH = re.compile(r"a branch named '.*' already exists|'(refs/heads/.*)' exists; cannot create")
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


@dataclass(frozen=True, slots=True)
class Worktree:
    path: Path
    branch: str
    commit: str
    """What it was made from, as a full hash."""
    notes: tuple[str, ...] = ()
    """What a person should know: submodules not initialised, a hook that failed."""


class Worktrees:
    """One per process. Every method may be called for many worktrees at once."""

    def __init__(self, checkouts: int = min(4, os.cpu_count() or 2)) -> None:
        self._locks = RepositoryLocks()
        self._checkouts = Checkouts(checkouts)

    async def add(
        self, repo: Repo, path: Path, branch: str, base: str, *, is_ready: bool = True
    ) -> Worktree:
        """Make a worktree at `path` on the new `branch` from `base` (a ref or a full hash).

        Unless `is_ready` it counts as unfinished until `finish`, for what is yet to be put
        there before anybody works in it.

        Failed or cancelled, it leaves neither folder nor branch nor entry in git. Raises
        NoSuchRef, BranchExists, PathTaken, DiskFull, or GitError for a name git does not
        take or a path too long. The repository's post-checkout hook runs at the end, as it
        does for `git worktree add`; it cannot fail the worktree.
        """
        commit = base if _SHA.fullmatch(base) else await resolve(repo, base)
        made = Worktree(path.absolute(), branch, commit)
        # `git worktree add -b` hands the name to `git branch` as an argument of its own.
        if branch.startswith("-"):
            raise _bad_name(branch)
        await refuse_too_long(repo, made.path, commit)
        async with self._locks.held(repo) as lock:
            _refuse_taken(made.path)
            await _register_or_clear(repo, made, lock)
        try:
            notes = await self._checkouts.fill(repo, made.path, commit)
            if is_ready:
                self.finish(repo, made.path)
        except BaseException:
            await uninterrupted(self._undo(repo, made))
            raise
        return Worktree(made.path, branch, commit, notes)

    def finish(self, repo: Repo, path: Path) -> None:
        """From now on somebody works at `path`; to be called before they start."""
        entry = entry_of(repo, path)
        if entry and _unfinished_from(repo, path):
            (entry / "locked").write_text(IN_USE)

    async def clear_unfinished(self, repo: Repo, path: Path, branch: str) -> bool:
        """Take away what a killed `add` left at `path`; False when there is no such thing."""
        path = path.absolute()
        async with self._locks.held(repo):
            if not (commit := _unfinished_from(repo, path)):
                return False
            await uninterrupted(_unmake(repo, Worktree(path, branch, commit)))
        return True

    async def abandon(self, repo: Repo, worktree: Worktree) -> None:
        """Take away a worktree whose agent never started; ignored files go with it.

        Raises WorktreeNotEmpty if it was finished and somebody did work there after all.
        """
        async with self._locks.held(repo):
            if not _unfinished_from(repo, worktree.path):
                # A branch that stands where it was made holds no work.
                tip = await ref_value(repo.root, f"refs/heads/{worktree.branch}")
                is_unmoved = tip == worktree.commit
                found = await losses(repo, worktree.path, worktree.branch, keep_branch=is_unmoved)
                found.refuse(worktree.path)
            await uninterrupted(_unmake(repo, worktree))

    async def trash(
        self,
        repo: Repo,
        path: Path,
        branch: str,
        trash_dir: Path,
        agent_id: str,
        *,
        keep_branch: bool = False,
    ) -> Trashed:
        """Move a worktree and its branch into `trash_dir`; see `trash.remove`."""
        async with self._locks.held(repo):
            return await uninterrupted(
                trash.remove(repo, path, branch, trash_dir, agent_id, keep_branch=keep_branch)
            )

    async def restore(self, repo: Repo, trashed: Trashed) -> Worktree:
        """Bring back what `trash` took, bit for bit; see `trash.bring_back`."""
        async with self._locks.held(repo):
            await uninterrupted(trash.bring_back(repo, trashed))
        return Worktree(Path(trashed.path), trashed.branch, trashed.tip)

    async def _undo(self, repo: Repo, made: Worktree) -> None:
        async with self._locks.held(repo):
            await _unmake(repo, made)


async def refresh_index(path: Path) -> None:
    """Let git notice that fresh files are unchanged: later looks cost a fifth.

    Call it once, at least a second after the checkout: before, git cannot tell a file of
    the same second from a changed one. A busy index is left for the agent's own git.
    """
    await git(path, "update-index", "-q", "--refresh", check=False)


async def _register_or_clear(repo: Repo, made: Worktree, lock: int) -> None:
    try:
        await uninterrupted(_register(repo, made, lock))
    except BaseException:
        if _unfinished_from(repo, made.path):
            await uninterrupted(_unmake(repo, made))
        raise


async def _register(repo: Repo, made: Worktree, lock: int) -> None:
    for pause in (*_PAUSES, None):
        done = await _worktree_add(repo, made, lock)
        if not done.code:
            return
        error = await _refusal(repo, made, done)
        if not isinstance(error, BranchExists):
            # Git makes the branch first and leaves it behind when the rest fails.
            await _drop_branch(repo, made)
        if pause is None or type(error) is not GitError or not _RACE.search(done.stderr):
            raise error
        await asyncio.sleep(pause)


async def _worktree_add(repo: Repo, made: Worktree, lock: int) -> Completed:
    return await git(
        repo.root,
        *("worktree", "add", "--quiet", "--no-checkout", "--no-track"),
        *("--lock", "--reason", f"{UNFINISHED} {made.commit}"),
        *("-b", made.branch, "--", str(made.path), made.commit),
        check=False,
        pass_fds=(lock,),
    )


async def _refusal(repo: Repo, made: Worktree, done: Completed) -> GitError:
    said, branch = done.stderr, one_line(made.branch)
    if clash := _CLASH.search(said):
        free = _free_name(made.branch, await short_refs(repo, "refs/heads"))
        other = (clash[1] or "").removeprefix("refs/heads/")
        problem = f"cannot exist beside branch {other!r}" if other else "exists already"
        return BranchExists(f"branch {branch!r} {problem}; {free!r} is free")
    # Git's answer to a leading dash names the wrong thing.
    if (
        made.branch.startswith("-")
        or "not a valid branch name" in said
        or "not a valid ref" in said
    ):
        return _bad_name(made.branch)
    if "already registered worktree" in said or f"'{made.path}' already exists" in said:
        return PathTaken(f"{made.path}: git knows a worktree here already; `git worktree list`")
    if "invalid reference" in said or "not a valid branch point" in said:
        return NoSuchRef(f"{made.commit}: no such commit in {repo.name}")
    return (
        too_long(made.path)
        if "File name too long" in said
        else failure(repo.root, ("worktree add",), done)
    )


def _bad_name(branch: str) -> GitError:
    return GitError(f"branch {one_line(branch)!r}: git does not take this name; choose another")


def _free_name(branch: str, taken: list[str]) -> str:
    flat = branch
    while any(flat.startswith(f"{name}/") or name.startswith(f"{flat}/") for name in taken):
        flat = flat.replace("/", "-") if "/" in flat else f"{flat}-2"
    names = (flat, *(f"{flat}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _refuse_taken(path: Path) -> None:
    if os.path.lexists(path):
        raise PathTaken(f"{path}: exists already; remove it or choose another worktree root")


def _unfinished_from(repo: Repo, path: Path) -> str:
    """The commit that the worktree at `path` is being made from; empty if it is not."""
    if (entry := entry_of(repo, path)) is None:
        return ""
    try:
        reason = (entry / "locked").read_text()
    except FileNotFoundError:
        return ""
    return reason.removeprefix(UNFINISHED).strip() if reason.startswith(UNFINISHED) else ""


async def _unmake(repo: Repo, made: Worktree) -> None:
    # The entry first: a checkout that still runs then fails instead of going on. What tells of
    # an unfinished worktree last: killed before, whoever comes next takes the rest away.
    entry = entry_of(repo, made.path)
    if entry:
        await asyncio.to_thread(_gut, entry)
    if os.path.lexists(made.path):
        await asyncio.to_thread(shutil.rmtree, made.path)
    await _drop_branch(repo, made)
    if entry:
        (entry / "gitdir").unlink(missing_ok=True)
        await asyncio.to_thread(shutil.rmtree, entry)


def _gut(entry: Path) -> None:
    """Remove all but what tells that the worktree is unfinished, and where it is."""
    for each in list(entry.iterdir()):
        if each.name not in ("gitdir", "locked"):
            shutil.rmtree(each) if each.is_dir() else each.unlink(missing_ok=True)


async def _drop_branch(repo: Repo, made: Worktree) -> None:
    # Only where it was made: a branch that has moved holds somebody's work.
    ref = f"refs/heads/{made.branch}"
    await git(repo.root, "update-ref", "-d", ref, made.commit, check=False)
