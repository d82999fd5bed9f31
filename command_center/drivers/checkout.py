"""Fills new worktrees with their files, a few at a time."""

import asyncio
import os
from pathlib import Path

from command_center.domain.errors import GitError
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.git import failure, git

CHECKOUT_SECONDS = 900.0
_SETTING_SECONDS = 30.0
"""For so long a setting that was read is taken for true."""


class Checkouts:
    def __init__(self, at_once: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._hook_folders: dict[str, tuple[float, str]] = {}

    async def fill(self, repo: Repo, path: Path, commit: str) -> tuple[str, ...]:
        """Check `commit` out in the new worktree at `path`; what a person should know.

        Runs the post-checkout hook as `git worktree add` does. Raises DiskFull or GitError.
        """
        async with self._slots:
            args = ("reset", "--quiet", "--hard", "--no-recurse-submodules")
            done = await git(path, *args, check=False, timeout=CHECKOUT_SECONDS)
            if done.code:
                is_long = "File name too long" in done.stderr
                raise too_long(path) if is_long else failure(path, ("checkout",), done)
            notes = await self._run_hook(repo, path, commit)
        if (path / ".gitmodules").exists():
            notes += ("submodules are not initialised; a setup command can do it",)
        return notes

    async def _run_hook(self, repo: Repo, path: Path, commit: str) -> tuple[str, ...]:
        folder = await self._hook_folder(repo)
        # A relative one counts from where the hook runs.
        if not os.access(path / folder / "post-checkout", os.X_OK):
            return ()
        words = ("hook", "run", "--ignore-missing", "post-checkout", "--", "0" * len(commit))
        done = await git(path, *words, commit, "1", check=False, timeout=CHECKOUT_SECONDS)
        if "is not a git command" in done.stderr:
            return ("the post-checkout hook did not run: that takes git 2.36",)
        return (f"the post-checkout hook failed (exit status {done.code})",) if done.code else ()

    async def _hook_folder(self, repo: Repo) -> str:
        now = asyncio.get_running_loop().time()
        read_at, folder = self._hook_folders.get(repo.common_dir, (-_SETTING_SECONDS, ""))
        if now - read_at >= _SETTING_SECONDS:
            asked = ("config", "--type=path", "--get", "core.hooksPath")
            folder = (await git(repo.root, *asked, check=False)).text
            folder = folder or str(Path(repo.common_dir, "hooks"))
            self._hook_folders[repo.common_dir] = now, folder
        return folder


async def refuse_too_long(repo: Repo, path: Path, commit: str) -> None:
    """Raise GitError when the system cannot name every file of `commit` below `path`."""
    limit = os.pathconf("/", "PC_PATH_MAX")
    if max(len(os.fsencode(part)) for part in path.parts) > os.pathconf("/", "PC_NAME_MAX"):
        raise too_long(path)
    # Only a long path makes it worth a look at every name.
    if (length := len(os.fsencode(path)) + 1) > limit // 4:
        names = await git(repo.root, "ls-tree", "-r", "-z", "--name-only", commit)
        if length + max(map(len, names.stdout.split(b"\0"))) >= limit:
            raise too_long(path)


def too_long(path: Path) -> GitError:
    return GitError(f"{one_line(str(path), 120)}: path too long; choose a shorter worktree root")
