"""Where we are: the user's own folders, and the repository around the current folder."""

import os
from collections.abc import Mapping
from pathlib import Path

from command_center.domain.places import Places


def own_places() -> Places:
    return Places.of(os.environ, Path.home())


def lacks_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale says so; where it says nothing, terminals of today have it."""
    said = next(filter(None, map(environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    return bool(said) and "utf" not in said.casefold()


def project_root(folder: Path) -> Path | None:
    """The nearest folder upwards that holds a repository."""
    here = folder.resolve()
    return next((p for p in (here, *here.parents) if _is_repository(p / ".git")), None)


def _is_repository(git: Path) -> bool:
    """A file names a worktree's; an empty folder, as sandboxes leave it behind, is passed over."""
    return git.is_file() or (git / "HEAD").exists()
