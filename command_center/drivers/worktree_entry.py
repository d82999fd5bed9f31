"""A linked worktree's entry: its folder `worktrees/NAME` in the repository's git folder.

Layout: gitrepository-layout(5). `gitdir` there names the worktree's `.git` file, and that
file names the entry.
"""

import os
from pathlib import Path

from command_center.domain.errors import GitError
from command_center.domain.model import Repo


def entry_of(repo: Repo, path: Path) -> Path | None:
    """The entry of the worktree at `path`, which may be half made or gone."""
    wanted = {str(path / ".git"), str(path.resolve() / ".git")}
    for back in Path(repo.common_dir, "worktrees").glob("*/gitdir"):
        try:
            named = os.fsdecode(back.read_bytes()).rstrip("\n")
        except FileNotFoundError:
            continue
        # Relative with worktree.useRelativePaths.
        if os.path.normpath(back.parent / named) in wanted:
            return back.parent
    return None


def vantage(repo: Repo, path: Path) -> Path:
    """From where git sees the worktree at `path`: there, or its entry when its files are gone.

    Raises GitError when git does not know it, or when the disk it lay on may be missing.
    """
    if os.path.lexists(path):
        return path
    if not path.parent.is_dir():
        raise GitError(f"{path}: cannot be looked at: {path.parent} is missing too")
    if entry := entry_of(repo, path):
        return entry
    raise GitError(f"{path}: not a worktree of {repo.name}; `git worktree list` shows them")
