"""What a worktree holds against its base, and which worktrees are worth a new look."""

import asyncio
import os
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from command_center.domain.errors import GitError
from command_center.domain.model import Diff
from command_center.drivers.git import git

_LONGEST_WALK = 500
_COUNTS = re.compile(rb"(\d+) (file|insertion|deletion)")

Stamp: TypeAlias = tuple[int, int, int] | None
Signature: TypeAlias = tuple[Stamp, ...]


async def diff_stat(path: Path, base_commit: str) -> Diff:
    """Measure the worktree at `path`: committed since `base_commit`, changed and untracked.

    Lines of untracked and binary files are not counted, the files are. One git process when
    nothing tracked differs from the base, else two; a third counts the commits when they
    are not a plain chain of loose objects (after a merge or a repack).
    """
    status = await git(
        path,
        *("status", "--porcelain=v2", "--branch", "-z", "--no-renames"),
        *("--untracked-files=all", "--ignore-submodules=dirty"),
    )
    entries = status.stdout.split(b"\0")
    head = next(e.removeprefix(b"# branch.oid ") for e in entries if e.startswith(b"# branch.oid"))
    untracked = sum(entry.startswith(b"? ") for entry in entries)
    tracked = sum(entry.startswith((b"1 ", b"2 ", b"u ")) for entry in entries)
    uncommitted = tracked + untracked
    if head == b"(initial)" or (head.decode() == base_commit and not tracked):
        return Diff(files=untracked, uncommitted=uncommitted)
    counts = await _counts(path, base_commit)
    return Diff(
        added=counts.get(b"insertion", 0),
        removed=counts.get(b"deletion", 0),
        files=counts.get(b"file", 0) + untracked,
        uncommitted=uncommitted,
        ahead=await _ahead(path, head.decode(), base_commit),
    )


async def _counts(path: Path, base_commit: str) -> dict[bytes, int]:
    diff = await git(
        path,
        *("diff", "--shortstat", "--no-ext-diff", "--no-textconv", "--no-color"),
        *("--ignore-submodules=dirty", "--find-renames", "--merge-base", base_commit, "--"),
    )
    return {kind: int(count) for count, kind in _COUNTS.findall(diff.stdout)}


async def _ahead(path: Path, head: str, base: str) -> int:
    if (walked := await asyncio.to_thread(_walk, path, head, base)) is not None:
        return walked
    counted = await git(path, "rev-list", "--count", f"{base}..{head}", "--")
    return int(counted.stdout)


def _walk(path: Path, head: str, base: str) -> int | None:
    """Commits from `head` back to `base` if all are loose and have one parent, else None."""
    if (entry := git_dir(path)) is None:
        return None
    common = _common_dir(entry)
    for count in range(_LONGEST_WALK):
        if head == base:
            return count
        try:
            raw = zlib.decompress((common / "objects" / head[:2] / head[2:]).read_bytes())
        except (OSError, zlib.error):
            return None
        parents = re.findall(rb"^parent ([0-9a-f]+)$", raw.partition(b"\n\n")[0], re.MULTILINE)
        if len(parents) != 1:
            return None
        head = parents[0].decode()
    return None


def _common_dir(entry: Path) -> Path:
    try:
        return entry / os.fsdecode((entry / "commondir").read_bytes().rstrip(b"\n"))
    except FileNotFoundError:
        return entry


def git_dir(path: Path) -> Path | None:
    """The git folder of the checkout at `path` without starting git; None if there is none."""
    dot_git = path / ".git"
    try:
        named = dot_git.read_bytes()
    except IsADirectoryError:
        return dot_git
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise GitError(f"{dot_git}: cannot be read: {error.strerror}") from error
    return path / os.fsdecode(named.removeprefix(b"gitdir: ").rstrip(b"\n"))


class GitWatch:
    """Tells which worktrees committed, staged or switched, by four `stat` calls each.

    Starts no process. Edits that were not staged do not show: the agent's hooks and its
    pane's activity announce those.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, Signature] = {}
        self._metadata: dict[Path, tuple[Stamp, tuple[str, ...]]] = {}
        """Of each worktree: its `.git` as it was last read, and the files that it led to."""

    def changed(self, worktrees: Iterable[Path]) -> set[Path]:
        """Those of `worktrees` that changed since the last call, new and vanished ones too."""
        now = {path: self._signature(path) for path in worktrees}
        changed = {path for path, signed in now.items() if self._seen.get(path) != signed}
        self._seen = now
        return changed

    def _signature(self, path: Path) -> Signature:
        pointer, (read, files) = _stamp(f"{path}/.git"), self._metadata.get(path, (None, ()))
        if pointer != read:
            files = _metadata(path)
            self._metadata[path] = pointer, files
        return tuple(map(_stamp, files)) if pointer else ()


def signature(path: Path) -> Signature:
    """Of the git metadata of the worktree at `path`; empty when it is not there."""
    return tuple(map(_stamp, _metadata(path)))


def _metadata(path: Path) -> tuple[str, ...]:
    entry = git_dir(path)
    return tuple(f"{entry}/{name}" for name in ("index", "HEAD", "logs/HEAD")) if entry else ()


def _stamp(file: str) -> Stamp:
    try:
        # Four a second for each worktree: a Path would double the cost.
        found = os.stat(file)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
