"""Which templates of runs there are: shipped, then the user's, then the project's, by name."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import NotFound, SpecError
from command_center.domain.places import Places
from command_center.domain.run_templates import RunTemplate
from command_center.domain.strict import decode_toml_table, nearest, read_toml
from command_center.store.settings import read_project_settings, read_settings
from command_center.store.trust import PROJECT_FOLDER, TrustStore

_NAME = re.compile("[a-z][a-z0-9_-]{0,31}")
_FILE = "run_templates.toml"


class RunTemplates(Struct, frozen=True):
    by_name: dict[str, RunTemplate]
    problems: tuple[str, ...] = ()
    """One for each that cannot be used; what it would have replaced goes on counting."""

    def template(self, name: str) -> RunTemplate:
        """Raises NotFound naming what there is, SpecError when it is wrong."""
        if about := [text for text in self.problems if f"run-templates.{name}:" in text]:
            raise SpecError(about[0])
        if name not in self.by_name:
            raise NotFound(f"no run template {name!r}; {nearest(name, list(self.by_name))}")
        return self.by_name[name]


def load_run_templates(places: Places, project: Path | None = None) -> RunTemplates:
    """`project` is the root of a repository whose own ones count once they are trusted.

    Raises SpecError when the settings cannot be read at all.
    """
    text = files("command_center.store").joinpath(_FILE).read_text("utf-8")
    found: dict[str, RunTemplate] = {}
    problems: list[str] = []
    for label, tables in _sources(places, project, problems, read_toml(text, _FILE)):
        for name, table in tables.items():
            try:
                found[name] = _read(name, table, label)
            except SpecError as error:
                problems.append(str(error))
    return RunTemplates(found, tuple(problems))


def _sources(
    places: Places, project: Path | None, problems: list[str], shipped: Mapping[str, object]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield _FILE, shipped
    yield str(places.settings), read_settings(places.settings).run_templates
    if project is None or not (folder := project / PROJECT_FOLDER).is_dir():
        return
    file = folder / "config.toml"
    try:
        own = read_project_settings(file).run_templates
    except SpecError as error:
        problems.append(str(error))
        return
    if own and not TrustStore(places.trust).trusts(folder):
        problems.append(f"{folder}: not trusted; read it, then run `acc trust`")
    elif own:
        yield str(file), own


def _read(name: str, table: object, file: str) -> RunTemplate:
    label = f"{file}: run-templates.{name}"
    if not _NAME.fullmatch(name):
        wanted = "up to 32 lower-case letters, digits and - _, beginning with a letter"
        raise SpecError(f"{label}: use {wanted}")
    if not isinstance(table, dict):
        raise SpecError(f"{label}: is no table")
    template = decode_toml_table(table, RunTemplate, label)
    if not template.command:
        raise SpecError(f'{label}: needs a command, such as command = "python train.py"')
    return template
