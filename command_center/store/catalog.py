"""The catalog of agent specs: shipped, then the user's, then the project's, by id."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import SpecError
from command_center.domain.places import Places
from command_center.domain.specs import AgentSpec, parse
from command_center.domain.strict import read_toml
from command_center.store.shipped import shipped
from command_center.store.trust import PROJECT_FOLDER, TrustStore


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
        known = ", ".join(sorted(self.specs))
        raise SpecError(f"no agent spec '{name}'; there are: {known}")


def load_catalog(places: Places, project: Path | None = None) -> Catalog:
    """`project` is the root of a repository whose own specs count once they are trusted."""
    problems: list[Problem] = []
    tables: dict[str, tuple[str, dict[str, object]]] = {}
    folders: list[Traversable] = [shipped("agents"), places.config / "agents"]
    if project is not None and (own := project / PROJECT_FOLDER).is_dir():
        if TrustStore(places.trust).trusts(own):
            folders.append(own / "agents")
        else:
            problems.append(Problem(str(own), f"{own}: not trusted; read it, then run `acc trust`"))
    for folder in folders:
        for label, file in _toml_files(folder):
            try:
                table = read_toml(file.read_text("utf-8"), label)
                tables[_id_of(table, label)] = (label, table)
            except (OSError, UnicodeDecodeError, SpecError) as error:
                problems.append(Problem(label, _named(label, error)))
    specs = {}
    for name, (label, _) in tables.items():
        try:
            specs[name] = parse(_extended(name, tables, ()), label)
        except SpecError as error:
            problems.append(Problem(label, str(error)))
    return Catalog(specs, tuple(problems))


def _toml_files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    if folder.is_dir():
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".toml"):
                yield str(file), file


def _named(label: str, error: Exception) -> str:
    return str(error) if str(error).startswith(label) else f"{label}: {error}"


def _id_of(table: dict[str, object], label: str) -> str:
    match table.get("id"):
        case str(name) if name:
            return name
        case _:
            raise SpecError(f"{label}: needs an 'id', such as id = \"my-agent\"")


def _extended(
    name: str, tables: dict[str, tuple[str, dict[str, object]]], seen: tuple[str, ...]
) -> dict[str, object]:
    label, table = tables[name]
    parent = table.get("extends")
    if not parent:
        return table
    if not isinstance(parent, str) or parent not in tables:
        raise SpecError(f"{label}: extends unknown spec {parent!r}")
    if parent in (*seen, name):
        raise SpecError(f"{label}: extends itself through {' → '.join((*seen, name, parent))}")
    return _laid_over(_extended(parent, tables, (*seen, name)), table)


def _laid_over(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            merged[key] = _laid_over(under, value)
        else:
            merged[key] = value
    return merged
