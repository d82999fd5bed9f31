"""Which agent CLIs there are and which of them are installed here."""

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from command_center.domain.specs import AgentSpec
    from command_center.store.catalog import Catalog, Problem


class Kit(Struct, frozen=True):
    specs: "Mapping[str, AgentSpec]" = field(default_factory=dict)
    problems: "tuple[Problem, ...]" = ()
    installed: tuple[str, ...] = ()
    """Ids of the specs whose program is on PATH."""
    is_known: bool = False
    """False until the files have been read."""
    own_command: str = "acc"
    """What calls us in a shell."""


def inspected(catalog: "Catalog", own_command: str) -> Kit:
    """Searches PATH, so it belongs into a thread."""
    installed = tuple(name for name, spec in catalog.specs.items() if _is_installed(spec))
    return Kit(catalog.specs, catalog.problems, installed, True, own_command)


def _is_installed(spec: "AgentSpec") -> bool:
    # A template such as `${python}` stands for a program that comes with us.
    return any(name.startswith("$") or shutil.which(name) for name in spec.binary.names)
