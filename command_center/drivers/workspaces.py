"""Checkouts of one commit for one run: nobody's branch, and gone when the run is over.

What a run left there that no commit holds is moved out first, never deleted.
"""

import asyncio
import os
import shutil
from pathlib import Path

from command_center.domain.errors import GitError
from command_center.domain.model import Repo
from command_center.drivers.checkout import Checkouts, refuse_too_long
from command_center.drivers.git import failure, git
from command_center.drivers.refs import ref_value
from command_center.drivers.repolock import RepositoryLocks
from command_center.drivers.trash import KEPT
from command_center.drivers.worktree_entry import entry_of

IN_USE = "a run of command-center works here; it takes this away itself when it is over"
_SOMEBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Command Center"), ("EMAIL", "command-center@localhost"))
}
_HALF_DONE = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")


class Workspaces:
    """One per process. Every method may be called for many at once."""

    def __init__(self) -> None:
        self._locks = RepositoryLocks()
        self._checkouts = Checkouts(2)

    async def make(self, repo: Repo, path: Path, commit: str) -> None:
        """Check `commit` out at `path`, detached. What lies there already is made afresh.

        Raises GitError. Cancelled or failed, it leaves what the next call clears.
        """
        await refuse_too_long(repo, path, commit)
        async with self._locks.held(repo) as lock:
            await _forget(repo, path)
            words = ("worktree", "add", "--quiet", "--no-checkout", "--detach")
            locked = ("--lock", "--reason", IN_USE, "--", str(path), commit)
            done = await git(repo.root, *words, *locked, check=False, pass_fds=(lock,))
            if done.code:
                raise failure(repo.root, ("worktree add",), done)
        await self._checkouts.fill(repo, path, commit)

    async def clear(self, repo: Repo, path: Path, commit: str, name: str, outputs: Path) -> bool:
        """Move whatever no commit holds into `outputs`, keep new commits by a ref, and remove it.

        False when it was left as it is, because something there is half done or a repository of
        its own. Raises GitError, OSError; then the same call goes on.
        """
        if not path.exists():
            return True
        if (entry := entry_of(repo, path)) is None:
            await asyncio.to_thread(_move, [path.name], path.parent, outputs)
            return True
        if any((entry / name).exists() for name in _HALF_DONE) or (path / ".gitmodules").exists():
            return False
        asked = ("status", "--porcelain=v1", "-z", "--no-renames", "--ignored")
        listed = await git(path, *asked)
        found = [entry for entry in listed.text.split("\0") if entry]
        await _keep_commits(path, commit, name, any(entry[0] not in " ?!" for entry in found))
        await asyncio.to_thread(_move, [entry[3:] for entry in found], path, outputs)
        async with self._locks.held(repo):
            await _forget(repo, path)
        return True


async def _keep_commits(path: Path, commit: str, name: str, is_staged: bool) -> None:
    tip = await ref_value(path, "HEAD")
    if is_staged:
        tree = (await git(path, "write-tree")).text
        words = ("commit-tree", tree, "-p", tip, "-m", "Staged by a run")
        tip = (await git(path, *words, env=_SOMEBODY)).text
    if tip != commit:
        await git(path, "update-ref", f"{KEPT}/runs/{name}", tip)


def _move(names: list[str], source: Path, target: Path) -> None:
    for name in names:
        old, new = source / name.rstrip("/"), target / name.rstrip("/")
        if not os.path.lexists(old):
            continue
        if os.path.lexists(new):
            raise GitError(f"{new}: is there already; move it away, `acc runs` goes on by itself")
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(old, new)


async def _forget(repo: Repo, path: Path) -> None:
    """The entry first: a checkout that still runs then fails instead of going on."""
    if entry := entry_of(repo, path):
        await asyncio.to_thread(shutil.rmtree, entry)
    if os.path.lexists(path):
        await asyncio.to_thread(shutil.rmtree, path)
