"""Which templates of tasks there are: shipped, then the user's in `config.toml`, by name."""

import re
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import NotFound, SpecError
from command_center.domain.places import Places
from command_center.domain.strict import decode_toml_table, nearest, read_toml
from command_center.domain.templates import Template
from command_center.store.settings import read_settings

_NAME = re.compile("[a-z][a-z0-9_-]{0,31}")
_FILE = "templates.toml"


class Templates(Struct, frozen=True):
    by_name: dict[str, Template]
    problems: tuple[str, ...] = ()
    """One for each that cannot be used; a shipped one it would have replaced goes on counting."""

    def template(self, name: str) -> Template:
        """Raises NotFound naming what there is, SpecError when it is wrong."""
        if about := [text for text in self.problems if f"templates.{name}:" in text]:
            raise SpecError(about[0])
        if name not in self.by_name:
            raise NotFound(f"no template {name!r}; {nearest(name, list(self.by_name))}")
        return self.by_name[name]


def load_templates(places: Places) -> Templates:
    """Raises SpecError when the settings cannot be read at all."""
    text = files("command_center.store").joinpath(_FILE).read_text("utf-8")
    found = {
        name: decode_toml_table(table, Template, f"{_FILE}: {name}")
        for name, table in read_toml(text, _FILE).items()
        if isinstance(table, dict)
    }
    problems = []
    for name, table in read_settings(places.settings).templates.items():
        try:
            found[name] = _own(name, table, places.settings)
        except SpecError as error:
            problems.append(str(error))
    return Templates(found, tuple(problems))


def _own(name: str, table: dict[str, object], file: Path) -> Template:
    label = f"{file}: templates.{name}"
    if not _NAME.fullmatch(name):
        wanted = "up to 32 lower-case letters, digits and - _, beginning with a letter"
        raise SpecError(f"{label}: use {wanted}")
    return decode_toml_table(table, Template, label)
