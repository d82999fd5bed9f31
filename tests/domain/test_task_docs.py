"""docs/tasks.md says what the code does."""

import re
from pathlib import Path

import pytest

from command_center.domain.places import Places
from command_center.domain.strict import decode_toml_table, read_toml
from command_center.domain.task_markdown import parse_tasks
from command_center.domain.tasks import Brief, Check, Judge, TaskKind
from command_center.domain.templates import Template
from command_center.domain.wordings import WORDS
from command_center.store.settings import Settings
from command_center.store.templates import load_templates

TEXT = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def rows(heading: str) -> set[str]:
    section = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([\w-]+)`", section, re.MULTILINE))


def test_everything_that_can_be_said_of_a_task_is_explained() -> None:
    assert rows("What can be said of a task") == {word.replace("_", "-") for word in WORDS}


@pytest.mark.parametrize("text", blocks("markdown"))
def test_the_examples_in_markdown_make_the_same_tasks(text: str) -> None:
    sort = Brief(
        "Sort the list",
        prompt="Sort the list\n\nIt must be stable. `None` goes last.",
        kind=TaskKind.BUGFIX,
        check=Check(Judge.COMMAND, ("pytest", "-q", "tests/test_list.py")),
        touches=("src/list.py", "tests/*"),
    )
    assert parse_tasks(text) == (sort, Brief("Print it in colours", needs=("#1",)))


def test_every_template_is_in_the_table(tmp_path: Path) -> None:
    places = Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path)
    assert rows("Templates") == set(load_templates(places).by_name)


def test_the_examples_of_settings_can_be_read() -> None:
    own, dispatch = blocks("toml")
    settings = decode_toml_table(read_toml(own, "x"), Settings, "x")
    template = decode_toml_table(settings.templates["bugfix"], Template, "x")
    assert template.variables == ["file", "test"]
    assert decode_toml_table(read_toml(dispatch, "x"), Settings, "x").dispatch.most_of
