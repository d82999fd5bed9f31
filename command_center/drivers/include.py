"""Carries git-ignored files of the main checkout into a new worktree.

`.worktreeinclude` in the main checkout's top folder says which. Its lines are patterns as
in gitignore(5); a file is carried when a pattern matches it and git ignores it. Files are
copied, sharing their blocks where the file system can. A line that starts with `link:`
links instead, a whole folder by one link when the pattern names it:

    .env
    config/*.local.toml
    link:node_modules/

A linked folder is shared: what an agent writes there, everyone sees.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from command_center.domain.errors import DiskFull, GitError
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.git import failure, git
from command_center.drivers.waiting import uninterrupted

FILE = ".worktreeinclude"
_LINK = "link:"
_NONE_IGNORED = 1
# ioctl FICLONE of linux/fs.h: the same on every architecture that has reflinks but a few.
_FICLONE = 0x40049409


async def include_files(repo: Repo, path: Path) -> tuple[str, ...]:
    """Carry what `.worktreeinclude` asks for into the worktree at `path`; what was carried.

    What is there already stays, and nothing is written outside the worktree. Raises
    DiskFull, or GitError when the list or a file cannot be read.
    """
    if repo.is_bare:
        return ()
    root = Path(repo.root)
    try:
        lines = (root / FILE).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise GitError(f"{root / FILE}: cannot be read: {error}") from error
    linked = [line.removeprefix(_LINK).strip() for line in lines if line.startswith(_LINK)]
    copied = [line for line in lines if not line.startswith(_LINK)]
    links = await _ignored(root, linked, "--directory")
    copies = await _ignored(root, copied)
    return await uninterrupted(asyncio.to_thread(_carry, root, path, links, copies))


async def _ignored(root: Path, patterns: list[str], *options: str) -> list[str]:
    """Paths below `root` that match `patterns` and that git ignores."""
    if not any(line.strip() and not line.startswith("#") for line in patterns):
        return []
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="worktreeinclude-") as file:
        file.write("\n".join(patterns) + "\n")
        file.flush()
        listed = ("ls-files", "-z", "--others", "--ignored", f"--exclude-from={file.name}")
        matched = (await git(root, *listed, *options)).stdout
    # With `./` before it no name is read as pathspec magic.
    asked = b"".join(b"./" + name + b"\0" for name in matched.split(b"\0") if name)
    args = ("check-ignore", "-z", "--stdin")
    ignored = await git(root, *args, stdin=asked, check=False)
    if ignored.code not in (0, _NONE_IGNORED):
        raise failure(root, args, ignored)
    names = [os.fsdecode(name) for name in ignored.stdout.split(b"\0") if name]
    return [name.removeprefix("./").removesuffix("/") for name in names]


def _carry(root: Path, path: Path, links: list[str], copies: list[str]) -> tuple[str, ...]:
    carried = []
    for name in links:
        if _is_free(path, target := path / name):
            with _clear_errors(target):
                target.symlink_to(root / name)
            carried.append(name)
    for name in copies:
        if _is_free(path, target := path / name):
            with _clear_errors(target):
                if _copy(root / name, target):
                    carried.append(name)
    return tuple(carried)


def _is_free(path: Path, target: Path) -> bool:
    """Whether `target` can be made; makes its folder, and never through a link to outside."""
    if not target.parent.resolve().is_relative_to(path.resolve()) or os.path.lexists(target):
        return False
    with _clear_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    return True


def _copy(source: Path, target: Path) -> bool:
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode):
        shutil.copy2(source, target, follow_symlinks=False)
    elif stat.S_ISREG(mode):
        if not _clone(source, target):
            shutil.copyfile(source, target)
        shutil.copystat(source, target)
    else:
        return False
    return True


def _clone(source: Path, target: Path) -> bool:
    """Share the blocks of `source`; False where the file system cannot."""
    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new, _FICLONE, old.fileno())
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _clear_errors(target: Path) -> Iterator[None]:
    place = one_line(str(target))
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{place}: the disk is full; free some space") from error
        raise GitError(f"{place}: cannot be carried over: {error.strerror}") from error
