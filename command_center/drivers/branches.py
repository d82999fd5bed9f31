"""Task branches: a worktree moves on from one to the next and leaves nothing behind."""

from collections.abc import Sequence
from pathlib import Path

from command_center.domain.errors import GitError
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.git import failure, git
from command_center.drivers.refs import resolve, short_refs

# A snapshot is ours to make: no hook, signature or missing name of the user's may prevent it.
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false")
_SOMEBODY = {
    "GIT_AUTHOR_NAME": "Command Center",
    "GIT_AUTHOR_EMAIL": "command-center@localhost",
    "GIT_COMMITTER_NAME": "Command Center",
    "GIT_COMMITTER_EMAIL": "command-center@localhost",
}
_MOST_FILES = 50


async def changes(path: Path) -> list[str]:
    """What no commit holds yet, untracked files included, as git's short status tells it."""
    status = await git(
        path, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=normal"
    )
    return [one_line(entry) for entry in status.text.split("\0") if entry]


async def commit_all(path: Path, message: str) -> bool:
    """Commit everything that is not ignored to the branch that is checked out.

    False when there was nothing. The author is the user where git knows one.
    """
    if not await changes(path):
        return False
    await git(path, "add", "--all")
    who = await git(path, "config", "user.email", check=False)
    env = {} if who.text else _SOMEBODY
    await git(path, *_QUIET, "commit", "--quiet", "--no-verify", "-m", message, env=env)
    return True


async def current_branch(path: Path) -> str:
    """Short name; empty on a detached HEAD."""
    return (await git(path, "symbolic-ref", "--quiet", "--short", "HEAD", check=False)).text


async def begin_branch(repo: Repo, path: Path, branch: str, bases: Sequence[str]) -> str:
    """Check the new `branch` out at `path`, from all of `bases` merged. Returns where it begins.

    A worktree that stands on `branch` already stays as it is. Raises GitError when it holds
    uncommitted work, when the branch exists elsewhere, or when the bases contradict each other;
    then nothing has changed.
    """
    start = await merged(repo, bases)
    if await current_branch(path) == branch:
        return await _fork(path, start, "HEAD")
    if dirt := await changes(path):
        more = f" and {len(dirt) - 1} more" if len(dirt) > 1 else ""
        raise GitError(f"{path}: uncommitted work ({dirt[0]}{more}); commit it first")
    await git(path, "switch", "--quiet", "--no-track", "--create", branch, start)
    return start


async def merged(repo: Repo, refs: Sequence[str]) -> str:
    """One commit that holds all of `refs`, made without touching any checkout."""
    first, *rest = [await resolve(repo, ref) for ref in refs]
    for other in rest:
        if await _holds(repo, first, other):
            continue
        if await _holds(repo, other, first):
            first = other
            continue
        tree = await _merged_tree(repo, first, other)
        words = ("-m", "Bring together what a task needs")
        made = await git(
            repo.root,
            *("commit-tree", tree, "-p", first, "-p", other, *words),
            env=_SOMEBODY | await _date(repo, first, other),
        )
        first = made.text
    return first


async def _date(repo: Repo, *commits: str) -> dict[str, str]:
    """That of the latest, so that the same merge is the same commit whenever it is made."""
    dates = (await git(repo.root, "log", "--no-walk", "--format=%ct", *commits)).text.split()
    date = f"@{max(map(int, dates))} +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


async def _fork(path: Path, base: str, tip: str) -> str:
    """The commit at which `tip` left `base`; one of them, when they were merged crosswise."""
    return (await git(path, "merge-base", base, tip)).text


async def _merged_tree(repo: Repo, ours: str, theirs: str) -> str:
    asked = ("merge-tree", "--write-tree", "--name-only", "--no-messages", ours, theirs)
    done = await git(repo.root, *asked, check=False)
    if done.code > 1:
        raise failure(repo.root, asked, done)
    tree, *files = done.text.splitlines()
    if done.code:
        raise GitError(
            f"{ours[:10]} and {theirs[:10]} contradict each other in {one_line(', '.join(files))};"
            " merge them by hand and name the result as the task's base"
        )
    return tree


async def changed_files(path: Path, base_commit: str, tip: str = "HEAD") -> tuple[str, ...]:
    """Paths that differ between `tip` and where it left `base_commit`, at most fifty."""
    fork = await _fork(path, base_commit, tip)
    listed = await git(path, "diff", "--name-only", "-z", "--no-renames", fork, tip, "--")
    return tuple(name for name in listed.text.split("\0") if name)[:_MOST_FILES]


async def free_branch(repo: Repo, wanted: str) -> str:
    """`wanted`, or with the first number behind it that no branch has."""
    taken = set(await short_refs(repo, "refs/heads"))
    number, free = 2, wanted
    while free in taken:
        free, number = f"{wanted}-{number}", number + 1
    return free


async def _holds(repo: Repo, commit: str, older: str) -> bool:
    asked = ("merge-base", "--is-ancestor", older, commit)
    done = await git(repo.root, *asked, check=False)
    if done.code > 1:
        raise failure(repo.root, asked, done)
    return done.code == 0
