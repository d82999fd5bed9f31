"""What would be lost if a worktree went away.

A look that fails raises; it never means that there is nothing to lose. Refs under
`refs/command-center/` do not count as holding a commit: a person does not look there.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import GitError, NotARepository, WorktreeNotEmpty
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.git import git
from command_center.drivers.refs import ref_value
from command_center.drivers.worktree_entry import vantage

_OPERATIONS = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase or am",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "sequencer": "cherry-pick or revert",
    "BISECT_LOG": "bisect",
}


class Losses(Struct, frozen=True):
    """Lines are as git prints them, with control characters taken out."""

    uncommitted: tuple[str, ...] = ()
    """`XY path`, the letters as in git-status(1)."""
    untracked: tuple[str, ...] = ()
    stashes: tuple[str, ...] = ()
    """Made on this branch; the entries themselves would stay in the repository."""
    commits: tuple[str, ...] = ()
    """`abc1234 subject`, newest first: in HEAD or the branch and in no other ref."""
    operations: tuple[str, ...] = ()
    """Half-done ones: rebase, merge, ..."""
    nested: tuple[str, ...] = ()
    """Repositories inside, submodules among them, with work that is nowhere else."""

    @property
    def is_empty(self) -> bool:
        return not any(self._kinds().values())

    def describe(self) -> list[str]:
        return [f"{kind}: {item}" for kind, items in self._kinds().items() for item in items]

    def refuse(self, path: Path) -> None:
        """Raise WorktreeNotEmpty unless there is nothing to lose."""
        if self.is_empty:
            return
        counts = [f"{len(items)} {kind}" for kind, items in self._kinds().items() if items]
        raise WorktreeNotEmpty(
            f"{one_line(str(path))}: would lose {', '.join(counts)}; "
            "commit and push or merge, or throw it away yourself in the worktree",
            tuple(self.describe()),
        )

    def _kinds(self) -> dict[str, tuple[str, ...]]:
        return {
            "uncommitted": self.uncommitted,
            "untracked": self.untracked,
            "stash": self.stashes,
            "unmerged commit": self.commits,
            "in progress": self.operations,
            "nested repository": self.nested,
        }


async def losses(repo: Repo, path: Path, branch: str, *, keep_branch: bool = False) -> Losses:
    """Look at the worktree at `path`, whose branch would be deleted unless `keep_branch`.

    Ignored files do not count, but repositories among them do. Where somebody deleted the
    folder, what git still has of it counts. Raises GitError when any part of the look fails.
    """
    seat = vantage(repo, path)
    has_files = seat == path
    uncommitted, untracked = await _changes(path) if has_files else ((), ())
    holders = await other_holders(repo, path)
    stays = keep_branch or f"refs/heads/{branch}" in holders
    return Losses(
        uncommitted=uncommitted,
        untracked=untracked,
        stashes=await _stashes(seat, branch),
        commits=await _commits(seat, branch, holders, stays=stays),
        operations=await _operations(seat) if has_files else (),
        nested=await _nested(path) if has_files else (),
    )


async def other_holders(repo: Repo, path: Path) -> frozenset[str]:
    """What other worktrees have checked out: full branch names and detached commits."""
    listed = await git(repo.root, "worktree", "list", "--porcelain")
    own = {str(path), str(path.resolve())}
    found = set()
    for block in listed.text.split("\n\n"):
        entry = dict(line.partition(" ")[::2] for line in block.splitlines())
        if entry.get("worktree") in own or "bare" in entry or not entry:
            continue
        found.add(entry.get("branch") or entry["HEAD"])
    return frozenset(found)


async def _changes(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    status = await git(
        path,
        *("status", "--porcelain", "-z", "--no-renames"),
        *("--untracked-files=all", "--ignore-submodules=none"),
    )
    lines = [_shown(entry) for entry in status.stdout.split(b"\0") if entry]
    untracked = [line.removeprefix("?? ") for line in lines if line.startswith("?? ")]
    return tuple(line for line in lines if not line.startswith("?? ")), tuple(untracked)


async def _stashes(path: Path, branch: str) -> tuple[str, ...]:
    if not await ref_value(path, "refs/stash"):
        return ()
    # Not `git stash list`: that takes a folder with files.
    listed = await git(
        path,
        "log",
        "-z",
        "--no-show-signature",
        "--walk-reflogs",
        "--format=%gs",
        "refs/stash",
        "--",
    )
    is_detached = (await git(path, "symbolic-ref", "--quiet", "HEAD", check=False)).code != 0
    named = [branch, "(no branch)"] if is_detached else [branch]
    made_here = tuple(f"{how} {name}: " for how in ("WIP on", "On") for name in named)
    entries = os.fsdecode(listed.stdout).split("\0")
    return tuple(
        _shown(os.fsencode(f"stash@{{{number}}} {entry}"))
        for number, entry in enumerate(entries)
        if entry.startswith(made_here)
    )


async def _commits(
    path: Path, branch: str, holders: frozenset[str], *, stays: bool
) -> tuple[str, ...]:
    ref = f"refs/heads/{branch}"
    candidates = [await ref_value(path, name) for name in (("HEAD",) if stays else ("HEAD", ref))]
    tips = [tip for tip in candidates if tip]
    if not tips:
        return ()
    gone = () if stays else (f"--exclude={_literal(branch)}",)
    detached = sorted(name for name in holders if not name.startswith("refs/") and name.strip("0"))
    listed = await git(
        path,
        *("log", "-z", "--no-show-signature", "--no-decorate", "--no-color", "--format=%h %s"),
        *(*tips, "--not", *gone, "--branches", "--remotes", "--tags", *detached, "--"),
    )
    return tuple(_shown(line) for line in listed.stdout.split(b"\0") if line)


def _literal(branch: str) -> str:
    # --exclude takes a pattern, for --branches without refs/heads/.
    return "".join(f"\\{char}" if char in "?*[\\" else char for char in branch)


async def _operations(path: Path) -> tuple[str, ...]:
    entry = Path((await git(path, "rev-parse", "--absolute-git-dir")).text)
    found = dict.fromkeys(name for file, name in _OPERATIONS.items() if (entry / file).exists())
    return tuple(found)


async def _nested(path: Path) -> tuple[str, ...]:
    found = await asyncio.to_thread(lambda: list(_repositories_below(path)))
    problems = {inner: await _work_only_in(inner) for inner in found}
    return tuple(
        f"{_shown(os.fsencode(inner.relative_to(path)))}: {problem}"
        for inner, problem in problems.items()
        if problem
    )


def _repositories_below(path: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise GitError(f"{error.filename}: cannot be read: {error.strerror}") from error

    for folder, names, files in os.walk(path, onerror=stop):
        is_top = folder == str(path)
        if not is_top and (".git" in names or ".git" in files):
            yield Path(folder)
        if ".git" in names:
            names.remove(".git")


async def _work_only_in(inner: Path) -> str:
    """What the repository `inner` holds that no remote of it has; empty if nothing."""
    try:
        asked = await git(
            inner,
            *("rev-parse", "--path-format=absolute"),
            *("--show-toplevel", "--git-dir", "--git-common-dir"),
        )
        top, own, common = asked.text.split("\n")
        if Path(top).resolve() != inner.resolve():
            return ""
        if own != common:
            return "is a worktree of another repository"
        if (await git(inner, "status", "--porcelain", "--untracked-files=normal")).stdout:
            return "has uncommitted or untracked files"
        tips = ("--all", "HEAD") if await ref_value(inner, "HEAD") else ("--all",)
        alone = await git(inner, "rev-list", "--max-count=1", *tips, "--not", "--remotes", "--")
    except NotARepository:
        return "cannot be read by git"
    return "has commits or stashes that no remote has" if alone.stdout else ""


def _shown(data: bytes) -> str:
    return one_line(data.decode("utf-8", "replace"))
