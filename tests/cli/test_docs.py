"""docs/cli.md names everything there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from command_center.cli import codes, reports
from tests.cli.house import every_command

TEXT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    """Its own, and those of the commands in it."""
    yield from command.params
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from parameters(found)


@pytest.mark.parametrize("name", every_command())
def test_every_command_and_option_is_in_the_docs(name: str) -> None:
    assert re.search(rf"^###.*acc {name}\b", TEXT, re.MULTILINE)
    section = next(s for s in TEXT.split("\n### ") if re.match(rf".*acc {name}\b", s))
    options = [p for p in parameters(every_command()[name]) if isinstance(p, click.Option)]
    for word in (w for option in options for w in (*option.opts, *option.secondary_opts)):
        assert re.search(rf"`{word}\b", section), f"{name} {word}"


def test_every_exit_code_is_in_the_docs() -> None:
    known = {value for value in vars(codes).values() if isinstance(value, int)}
    assert known == {int(code) for code in re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE)}


def test_every_kind_of_json_object_is_in_the_docs() -> None:
    kinds = {kind.__struct_config__.tag for kind in reports.Report.__subclasses__()}
    assert kinds == set(
        re.findall(r"^\| `(\w+)` \|", TEXT.partition("## Commands")[0], re.MULTILINE)
    )
