"""What differs in the code of two runs."""

from command_center.domain.errors import GitError
from command_center.domain.model import Fleet
from command_center.domain.runs import Run
from command_center.domain.text import plain


async def code_diff(fleet: Fleet, old: Run, new: Run) -> str:
    """As `git diff` prints it, plain; empty for the same code. Raises GitError."""
    from command_center.drivers.git import git

    repo = fleet.repos.get(old.order.repo)
    if repo is None or new.order.repo != old.order.repo:
        raise GitError(f"{old.id} and {new.id} are not of one repository")
    words = ("diff", "--no-color", "--no-ext-diff", old.order.commit, new.order.commit, "--")
    done = await git(repo.root, *words)
    return plain(done.stdout.decode("utf-8", "replace"))
