"""Where we are: the user's own folders, and the repository around the current folder."""

import os
from collections.abc import Mapping
from pathlib import Path

from command_center.domain.places import Places
from command_center.store.roots import repository_root


def own_places() -> Places:
    return Places.of(os.environ, Path.home())


def lacks_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale says so; where it says nothing, terminals of today have it."""
    said = next(filter(None, map(environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    return bool(said) and "utf" not in said.casefold()


def project_root(folder: Path) -> Path | None:
    """The nearest folder upwards that holds a repository."""
    return repository_root(folder.resolve())
