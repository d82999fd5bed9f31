"""The catalog of agent specs: shipped, then the user's, then the project's, by id.

A file that cannot be used is a problem, and what it would have replaced goes on counting.
"""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from command_center.domain.errors import SpecError
from command_center.domain.places import Places
from command_center.domain.specs import AgentSpec, parse
from command_center.domain.strict import read_toml
from command_center.store.shipped import shipped
from command_center.store.trust import PROJECT_FOLDER, TrustStore

Table: TypeAlias = dict[str, object]
Files: TypeAlias = dict[str, tuple[str, Table]]
"""By id: the file and what it says."""


class Problem(Struct, frozen=True):
    """One file that could not be used; the rest are."""

    file: str
    text: str


class Catalog(Struct, frozen=True):
    specs: dict[str, AgentSpec]
    problems: tuple[Problem, ...]

    def spec(self, name: str) -> AgentSpec:
        """Raises SpecError naming what there is."""
        if name in self.specs:
            return self.specs[name]
        about = [p.text for p in self.problems if Path(p.file).stem == name]
        known = f"there are: {', '.join(sorted(self.specs))}"
        raise SpecError(f"no agent spec '{name}'; {about[0] if about else known}")


def load_catalog(places: Places, project: Path | None = None) -> Catalog:
    """`project` is the root of a repository whose own specs count once they are trusted."""
    problems: list[Problem] = []
    folders: list[Traversable] = [shipped("agents"), places.config / "agents"]
    if project is not None and (own := project / PROJECT_FOLDER).is_dir():
        if TrustStore(places.trust).trusts(own):
            folders.append(own / "agents")
        else:
            problems.append(Problem(str(own), f"{own}: not trusted; read it, then run `acc trust`"))
    specs: dict[str, AgentSpec] = {}
    below: dict[str, Table] = {}
    for folder in folders:
        files = _read(folder, problems)
        good = {}
        for name, (label, _) in files.items():
            try:
                table = _extended(name, files, below, ())
                specs[name] = parse(table, label)
                good[name] = table
            except SpecError as error:
                problems.append(Problem(label, named(label, error)))
        below |= good
    return Catalog(specs, tuple(problems))


def _read(folder: Traversable, problems: list[Problem]) -> Files:
    files: Files = {}
    for label, file in toml_files(folder):
        try:
            table = read_toml(file.read_text("utf-8"), label)
            name = _id_of(table, label)
            if name in files:
                raise SpecError(f"{label}: id '{name}' is taken by {files[name][0]}")
            files[name] = (label, table)
        except (OSError, UnicodeDecodeError, SpecError) as error:
            problems.append(Problem(label, named(label, error)))
    return files


def toml_files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    """By name, each with how a person finds it; nothing when there is no such folder."""
    if folder.is_dir():
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".toml"):
                yield str(file), file


def named(label: str, error: Exception) -> str:
    """What is wrong, beginning with the file."""
    return str(error) if str(error).startswith(label) else f"{label}: {error}"


def _id_of(table: Table, label: str) -> str:
    match table.get("id"):
        case str(name) if name:
            return name
        case _:
            raise SpecError(f"{label}: needs an 'id', such as id = \"my-agent\"")


def _extended(name: str, files: Files, below: dict[str, Table], seen: tuple[str, ...]) -> Table:
    """The table of `name` over what it extends: a spec of its own folder, else one from below."""
    label, table = files[name]
    parent = table.get("extends")
    if not parent:
        return table
    if isinstance(parent, str):
        if parent in seen:
            raise SpecError(f"{label}: extends itself through {' → '.join((*seen, name, parent))}")
        if parent in files and parent != name:
            return _laid_over(_extended(parent, files, below, (*seen, name)), table)
        if parent in below:
            return _laid_over(below[parent], table)
    raise SpecError(f"{label}: extends unknown spec {parent!r}")


def _laid_over(below: Table, above: Table) -> Table:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            merged[key] = _laid_over(under, value)
        else:
            merged[key] = value
    return merged
