"""A repository whose agent's worktree has all that a removal must keep."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from command_center.domain.model import Repo
from command_center.drivers.git import open_repository
from command_center.drivers.trash_steps import Trashed
from command_center.drivers.worktrees import Worktree, Worktrees
from tests.gitrepo import clone, commit, make_repository, run_git, write


@dataclass(frozen=True)
class House:
    """One repository with a pushed agent branch that has a history worth keeping."""

    repo: Repo
    tree: Path
    bin: Path
    worktrees: Worktrees

    async def trash(self, *, keep_branch: bool = False) -> Trashed:
        return await self.worktrees.trash(
            self.repo, self.tree, "agent/ada", self.bin, "ada-1f", keep_branch=keep_branch
        )

    async def restore(self, trashed: Trashed) -> Worktree:
        return await self.worktrees.restore(self.repo, trashed)

    def print(self) -> dict[str, object]:
        """A fingerprint of all that a removal touches."""
        common = Path(self.repo.common_dir)
        return {
            "files": fingerprint(self.tree),
            "entry": fingerprint(common / "worktrees/wt"),
            "logs": fingerprint(common / "logs/refs/heads"),
            "refs": run_git(Path(self.repo.root), "for-each-ref"),
            "config": run_git(Path(self.repo.root), "config", "--local", "--list"),
            "status": run_git(self.tree, "status", "--porcelain=v2", "--branch", "--ignored"),
            "reflog": run_git(self.tree, "reflog", "agent/ada"),
        }

    def branches(self) -> list[str]:
        listed = run_git(Path(self.repo.root), "for-each-ref", "--format=%(refname)")
        return [ref for ref in listed.splitlines() if "remotes" not in ref]


def fingerprint(folder: Path) -> dict[str, tuple[object, ...]]:
    """Type, mode, time and content of everything below `folder`."""
    found: dict[str, tuple[object, ...]] = {}
    for file in sorted([folder, *folder.rglob("*")]):
        stat = file.lstat()
        held = str(file.readlink()) if file.is_symlink() else ""
        if file.is_file() and not file.is_symlink():
            held = hashlib.sha256(file.read_bytes()).hexdigest()
        name = str(file.relative_to(folder))
        found[name] = (stat.st_mode, stat.st_mtime_ns if held else 0, held)
    return found


async def build_house(tmp_path: Path) -> House:
    source = make_repository(tmp_path, name="source")
    write(source / ".gitignore", "cache/\n")
    commit(source, "ignore")
    remote = clone(source, tmp_path / "remote.git", "--bare")
    root = clone(remote, tmp_path / "project")
    repo, worktrees = await open_repository(root), Worktrees()
    tree = (await worktrees.add(repo, tmp_path / "trees/wt", "agent/ada", "main")).path
    write(tree / "tool.sh", "#!/bin/sh\n").chmod(0o755)
    (tree / "link").symlink_to("tool.sh")
    commit(tree, "work")
    run_git(tree, "push", "--quiet", "--set-upstream", "origin", "agent/ada")
    run_git(tree, "update-ref", "refs/worktree/mark", "HEAD")
    write(tree / "cache/ünï built", "ignored").chmod(0o600)
    os.utime(tree / "cache/ünï built", (1000, 1000))
    return House(repo, tree, tmp_path / "trash", worktrees)
