"""docs/layouts.md says what is true of the format."""

import re
from pathlib import Path

from command_center.domain.layouts import COLUMNS, Group, Layout, Narrow, Only, Part, Region, parse
from command_center.domain.strict import read_toml

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "layouts.md").read_text("utf-8")
NAMED = set(re.findall(r"`\"?([^`\n\"]+)\"?`", DOC))


def test_every_key_of_a_layout_is_explained() -> None:
    keys = {*Layout.__struct_fields__, *Region.__struct_fields__, *Only.__struct_fields__}
    keys |= {f"narrow.{key}" for key in Narrow.__struct_fields__}
    assert keys - NAMED == set()


def test_every_word_that_a_key_can_have_is_named() -> None:
    assert {*Part, *Group, *COLUMNS} - NAMED == set()


def test_every_shipped_layout_is_in_the_table() -> None:
    shipped = {file.stem for file in (ROOT / "layouts").glob("*.toml")}
    assert set(re.findall(r"^\| `(\w+)` \| [a-z ,]*(?:list|pane)", DOC, re.MULTILINE)) >= shipped


def test_the_complete_example_is_a_layout() -> None:
    [example] = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    assert parse(read_toml(example, "review.toml"), "review.toml").id == "review"
