"""Files that no commit holds, laid over one: a commit of its own, which every executor can ship.

The same files over the same commit are the same commit, whenever it is made.
"""

import asyncio
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from command_center.domain.errors import IntentError
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.git import git
from command_center.drivers.trash import KEPT

MOST_BYTES = 256 << 20
MOST_FILES = 10_000
_DATE = "@0 +0000"
_MADE_BY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "Command Center"),
        ("EMAIL", "command-center@localhost"),
        ("DATE", _DATE),
    )
}


async def overlaid(
    repo: Repo,
    commit: str,
    checkout: Path,
    paths: Sequence[str],
    contents: Mapping[str, bytes],
) -> str:
    """The commit with `paths` of `checkout` and with `contents` (path → bytes) over it.

    The commit itself when they change nothing in it. A ref keeps the new one. Raises IntentError
    for what cannot be brought, GitError, OSError.
    """
    found = await asyncio.to_thread(lambda: list(_found(checkout, paths)))
    asked = "".join(f"{name}\n" for name, _ in found)
    words = ("hash-object", "-w", "--no-filters", "--stdin-paths")
    hashed = (await git(checkout, *words, stdin=os.fsencode(asked))).text.split() if found else []
    rows = [f"{mode} {blob}\t{name}\0" for (name, mode), blob in zip(found, hashed, strict=True)]
    rows += [f"100644 {await _blob(repo, body)}\t{name}\0" for name, body in contents.items()]
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        await git(repo.root, "read-tree", commit, env=index)
        table = os.fsencode("".join(rows))
        await git(repo.root, "update-index", "-z", "--index-info", env=index, stdin=table)
        tree = (await git(repo.root, "write-tree", env=index)).text
    if tree == (await git(repo.root, "rev-parse", f"{commit}^{{tree}}")).text:
        return commit
    said = ("-m", "Bring along what a run needs")
    made = (await git(repo.root, "commit-tree", tree, "-p", commit, *said, env=_MADE_BY)).text
    await git(repo.root, "update-ref", f"{KEPT}/brought/{made}", made)
    return made


async def committed(repo: Repo, commit: str, path: str) -> bytes | None:
    """What a file is at a commit; None where there is none."""
    found = await git(repo.root, "cat-file", "blob", f"{commit}:{path}", check=False)
    return None if found.code else found.stdout


async def _blob(repo: Repo, body: bytes) -> str:
    return (await git(repo.root, "hash-object", "-w", "--stdin", stdin=body)).text


def _found(checkout: Path, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Name in the repository, and mode of each. Raises IntentError, OSError."""
    count = size = 0
    for path in paths:
        for name, file in _below(checkout, path):
            told = file.lstat()
            if not stat.S_ISREG(told.st_mode) or "\n" in name:
                raise IntentError(f"{one_line(name)}: only plain files are brought along")
            count, size = count + 1, size + told.st_size
            if count > MOST_FILES or size > MOST_BYTES:
                most = f"{MOST_FILES} files and {MOST_BYTES >> 20} MiB"
                raise IntentError(
                    f"{one_line(path)}: more than {most}; give the run its place instead, with env"
                )
            yield name, "100755" if told.st_mode & 0o100 else "100644"


def _below(checkout: Path, path: str) -> Iterator[tuple[str, Path]]:
    asked = PurePosixPath(path)
    if asked.is_absolute() or ".." in asked.parts or ".git" in asked.parts or not asked.parts:
        raise IntentError(f"{one_line(path)}: name a file or folder inside the repository")
    top = checkout / asked
    if not top.resolve().is_relative_to(checkout.resolve()):
        raise IntentError(f"{one_line(path)}: leads out of the repository")
    if not top.is_dir():
        if not top.exists():
            raise IntentError(f"{one_line(path)}: no such file in {one_line(str(checkout))}")
        yield str(asked), top
        return
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            file = Path(folder) / name
            yield str(PurePosixPath(asked / file.relative_to(top))), file
