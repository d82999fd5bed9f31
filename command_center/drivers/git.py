"""Runs git, and probes repositories.

Every call is an argv, never a shell. Nothing git is told here comes from a person's
aliases, pager, editor or prompts, and a file system monitor that a repository names is
not started.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import DiskFull, GitError, NoCommits, NotARepository
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.waiting import started, uninterrupted

SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    "LC_ALL": "C",
}
"""Variables that every git of ours is run with."""
_FIXED = ("--no-pager", "-c", "core.fsmonitor=false")
# `git rev-parse --local-env-vars`, less GIT_CONFIG_COUNT, by which people pass settings.
_DROPPED = frozenset(
    (
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        "LANGUAGE",
    )
)
_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_LEAST_FREE = 32 * 1024


class Completed(Struct, frozen=True):
    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """Standard output as a path or a name, without its last newline."""
        return os.fsdecode(self.stdout).removesuffix("\n")


async def git(
    cwd: Path | str,
    *args: str,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float = 60.0,
    check: bool = True,
    pass_fds: Sequence[int] = (),
) -> Completed:
    """Run git in `cwd`, at most `timeout` seconds; cancelling ends the process first.

    Raises GitError when git is missing, too slow, or `check` and it failed.
    """
    process = await _start(cwd, args, env or {}, pass_fds)
    try:
        async with asyncio.timeout(timeout):
            stdout, stderr = await process.communicate(stdin)
    except TimeoutError:
        raise GitError(f"{cwd}: git {_verb(args)} took more than {timeout:g} s") from None
    finally:
        if process.returncode is None:
            await uninterrupted(_end(process))
    done = Completed(process.returncode or 0, stdout, stderr.decode("utf-8", "replace"))
    if check and done.code:
        raise failure(cwd, args, done)
    return done


async def _start(
    cwd: Path | str, args: Sequence[str], env: Mapping[str, str], pass_fds: Sequence[int]
) -> asyncio.subprocess.Process:
    kept = {key: value for key, value in os.environ.items() if key not in _DROPPED}
    try:
        return await started(
            asyncio.create_subprocess_exec(
                "git",
                *_FIXED,
                *args,
                cwd=cwd,
                env=kept | SETTINGS | dict(env),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
            ),
            _end,
        )
    except (FileNotFoundError, NotADirectoryError):
        if Path(cwd).is_dir():
            raise GitError("git: not found on PATH; install it") from None
        raise NotARepository(f"{one_line(str(cwd))}: no such folder") from None


async def _end(process: asyncio.subprocess.Process) -> None:
    # The gentle signal first: on it git removes its lock files.
    for sign, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 60.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.communicate(), patience)
            return


def failure(cwd: Path | str, args: Sequence[str], done: Completed) -> GitError:
    """The error that says what git said, on one line."""
    place = one_line(str(cwd))
    if _FULL.search(done.stderr) or _is_full(cwd):
        return DiskFull(f"{place}: the disk is full; free some space and try again")
    if "dubious ownership" in done.stderr:
        folder = re.search(r"repository at '(.*)'", done.stderr)
        named = one_line(folder[1]) if folder else place
        return GitError(
            f"{named}: belongs to another user, so git refuses it; if you trust it run "
            f"`git config --global --add safe.directory '{named}'`"
        )
    if "not a git repository" in done.stderr:
        return NotARepository(
            f"{place}: not a git repository; run `git init` there "
            "or name another folder with --repo"
        )
    return GitError(f"{place}: git {_verb(args)} failed: {_complaint(done)}")


def _is_full(folder: Path | str) -> bool:
    # A checkout's own words are only "unable to write file".
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    has_no_inode = disk.f_files > 0 and disk.f_favail == 0
    return has_no_inode or disk.f_bavail * disk.f_frsize < _LEAST_FREE


def _verb(args: Sequence[str]) -> str:
    return next((arg for arg in args if not arg.startswith("-")), "")


def _complaint(done: Completed) -> str:
    lines = done.stderr.splitlines()
    worst = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return one_line("; ".join(worst or lines), 400) or f"exit status {done.code}"


async def open_repository(path: Path | str) -> Repo:
    """The repository that holds `path`: a checkout, a folder in it, a worktree or a bare one.

    Raises NotARepository, NoCommits, or GitError (another user's repository among them).
    """
    probe = ("rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel")
    found = await git(path, *probe, check=False)
    # In a bare repository the second question fails after the first was answered.
    common, _, top = found.text.partition("\n")
    if not common:
        raise failure(path, probe, found)
    common_dir = Path(common).resolve()
    root, is_bare = await _main_checkout(common_dir, top)
    repo = Repo(
        id=hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:12],
        name=_name(root),
        root=str(root),
        common_dir=str(common_dir),
        is_bare=is_bare,
    )
    if not await _has_commit(root):
        raise NoCommits(f"{one_line(str(path))}: no commits yet; make one and try again")
    return repo


async def _has_commit(root: Path) -> bool:
    # Not `rev-list --all`: it reads the HEAD of every worktree, and fails while one is being made.
    if (await git(root, "for-each-ref", "--count=1", "--format=%(objectname)")).stdout:
        return True
    head = ("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
    return bool((await git(root, *head, check=False)).stdout)


async def _main_checkout(common_dir: Path, top: str) -> tuple[Path, bool]:
    # `git worktree list` names the wrong folder for a submodule's main checkout.
    asked = r"^core\.(bare|worktree)$"
    known = await git(
        common_dir, f"--git-dir={common_dir}", "config", "-z", "--get-regexp", asked, check=False
    )
    pairs = (entry.partition("\n") for entry in known.text.split("\0") if entry)
    config = {key: value for key, _, value in pairs}
    if config.get("core.bare") in ("true", "yes", "on", "1"):
        return common_dir, True
    if worktree := config.get("core.worktree"):
        return (common_dir / worktree).resolve(), False
    if common_dir.name == ".git":
        return common_dir.parent, False
    return (Path(top), False) if top else (common_dir, True)


def _name(root: Path) -> str:
    name = root.name.removesuffix(".git")
    return name if name and not name.startswith(".") else root.parent.name or "repository"


async def uncommitted_count(repo: Repo) -> int:
    """Changed and untracked paths of the main checkout; a new worktree does not get them."""
    if repo.is_bare:
        return 0
    status = await git(repo.root, "status", "--porcelain", "-z", "--no-renames")
    return status.stdout.count(b"\0")
