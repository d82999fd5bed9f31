"""Which layouts there are: shipped, then the user's, then the project's, by id.

A file that cannot be used is a problem, and what it would have replaced goes on counting.
"""

import os
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import SpecError
from command_center.domain.layouts import Layout, parse, written
from command_center.domain.places import Places
from command_center.domain.strict import read_toml
from command_center.store.catalog import Problem, named, toml_files
from command_center.store.shipped import shipped
from command_center.store.trust import PROJECT_FOLDER


class Layouts(Struct, frozen=True):
    by_id: dict[str, Layout]
    """Shipped ones first."""
    problems: tuple[Problem, ...]

    def layout(self, name: str) -> Layout:
        """Raises SpecError naming what there is."""
        if name in self.by_id:
            return self.by_id[name]
        about = [p.text for p in self.problems if Path(p.file).stem == name]
        known = f"there are: {', '.join(sorted(self.by_id))}"
        raise SpecError(f"no layout '{name}'; {about[0] if about else known}")


def load_layouts(places: Places, project: Path | None = None) -> Layouts:
    """`project` is the root of a repository. Layouts run nothing, so its own need no trust."""
    folders = [shipped("layouts"), places.layouts]
    if project is not None:
        folders.append(project / PROJECT_FOLDER / "layouts")
    layouts: dict[str, Layout] = {}
    problems: list[Problem] = []
    for folder in folders:
        mine: dict[str, str] = {}
        for label, file in toml_files(folder):
            try:
                layout = parse(read_toml(file.read_text("utf-8"), label), label)
                if layout.id in mine:
                    raise SpecError(f"{label}: id '{layout.id}' is taken by {mine[layout.id]}")
            except (OSError, UnicodeDecodeError, SpecError) as error:
                problems.append(Problem(label, named(label, error)))
                continue
            mine[layout.id], layouts[layout.id] = label, layout
    return Layouts(layouts, tuple(problems))


def save_layout(places: Places, layout: Layout) -> Path:
    """Write it as the user's own, over an older one of this id; returns the file."""
    file = places.layouts / f"{layout.id}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    half.write_text(written(layout), "utf-8")
    half.replace(file)
    return file
