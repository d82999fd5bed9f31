"""Real repositories for tests."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    # A look must not refresh an index that a test compares byte by byte.
    "GIT_OPTIONAL_LOCKS": "0",
}


def run_git(folder: Path, *args: str) -> str:
    """Standard output, without its last newline; fails the test when git does."""
    done = subprocess.run(
        ["git", *args],
        cwd=folder,
        env=os.environ | IDENTITY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr}"
    return done.stdout.removesuffix("\n")


def make_repository(folder: Path, *, files: int = 3, name: str = "project") -> Path:
    """A checkout `folder/name` on branch main with one commit of `files` small files.

    Commits made in it, by anyone, have an author.
    """
    root = folder / name
    root.mkdir(parents=True)
    run_git(root, "init", "--quiet", "--initial-branch=main")
    run_git(root, "config", "user.name", "Ada")
    run_git(root, "config", "user.email", "ada@example.org")
    for number in range(files):
        file = root / f"src/part{number // 50}/file{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"line one of {number}\nline two\n")
    if files:
        commit(root, "first")
    return root


def clone(source: Path, target: Path, *options: str) -> Path:
    run_git(source.parent, "clone", "--quiet", *options, "--", str(source), str(target))
    if "--bare" not in options:
        run_git(target, "config", "user.name", "Ada")
        run_git(target, "config", "user.email", "ada@example.org")
    return target


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def commit(folder: Path, message: str) -> str:
    """Commit everything in `folder`; the new commit's hash."""
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return run_git(folder, "rev-parse", "HEAD")


def isolate_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person's own git settings reaches the program under test."""
    for key in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"):
        monkeypatch.setenv(key, IDENTITY[key])


async def until(is_so: Callable[[], object], pause: float = 0.01) -> None:
    """Look every `pause` seconds; fails the test after half a minute."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(pause)


def traces(root: Path, path: Path) -> tuple[list[str], list[str], bool]:
    """What `add` could leave behind: branches, git's entries, the folder."""
    common = Path(run_git(root, "rev-parse", "--path-format=absolute", "--git-common-dir"))
    entries = sorted(entry.name for entry in common.glob("worktrees/*"))
    heads = run_git(root, "for-each-ref", "--format=%(refname)", "refs/heads").splitlines()
    return heads, entries, os.path.lexists(path)


CLEAN: tuple[list[str], list[str], bool] = (["refs/heads/main"], [], False)
