"""The refs of a repository: what a name in it means, and which names there are."""

import asyncio
import difflib
import re
from pathlib import Path

from command_center.domain.errors import GitError, NoSuchRef
from command_center.domain.model import Repo
from command_center.domain.text import one_line
from command_center.drivers.git import SETTINGS, git

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


async def resolve(repo: Repo, ref: str) -> str:
    """The commit that `ref` means, as a full hash. Raises NoSuchRef with near matches."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    found = await git(repo.root, *asked, check=False) if ref and "\0" not in ref else None
    if found and not found.code and _SHA.fullmatch(found.text):
        return found.text
    near = difflib.get_close_matches(ref, await short_refs(repo), 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`git branch -a` lists what there is"
    raise NoSuchRef(f"{one_line(ref, 200)!r}: no such branch, tag or commit in {repo.name}; {hint}")


async def short_refs(repo: Repo, *patterns: str) -> list[str]:
    """Short names of the refs below `patterns`; branches, remotes' branches and tags if none."""
    below = patterns or ("refs/heads", "refs/remotes", "refs/tags")
    listed = await git(repo.root, "for-each-ref", "--format=%(refname:lstrip=2)", "--", *below)
    return listed.text.splitlines()


async def ref_value(folder: Path | str, ref: str) -> str:
    """Commit that HEAD or the full name `ref` means; empty when there is no such ref.

    Raises GitError for a ref that is there but broken.
    """
    asked = ("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    found = await git(folder, *asked, check=False)
    if not found.code:
        return found.text
    # Git answers the same for a missing ref and for a broken one.
    target = (await git(folder, "symbolic-ref", "--quiet", ref, check=False)).text or ref
    listed = await git(folder, "for-each-ref", "--format=%(refname)", "--", target)
    if target == "HEAD" or target in listed.text.splitlines() or "broken ref" in listed.stderr:
        raise GitError(f"{one_line(str(folder))}: {one_line(target)} is broken; try `git fsck`")
    return ""


async def branches(repo: Repo) -> list[str]:
    """Local and remote branch names, the most recently committed to first."""
    return await asyncio.to_thread(_branches, repo)


def _branches(repo: Repo) -> list[str]:
    from git import GitCommandError, Repo as OpenRepo

    with OpenRepo(repo.common_dir) as opened:
        opened.git.update_environment(GIT_DIR=repo.common_dir, **SETTINGS)
        try:
            listed: str = opened.git.for_each_ref(
                "refs/heads",
                "refs/remotes",
                sort="-committerdate",
                format="%(if)%(symref)%(then)%(else)%(refname:lstrip=2)%(end)",
            )
        except GitCommandError as error:
            raise GitError(f"{repo.root}: {one_line(str(error.stderr), 400)}") from error
    return [name for name in listed.splitlines() if name]
