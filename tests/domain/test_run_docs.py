"""docs/runs.md says what templates of runs hold."""

import re
from pathlib import Path

from msgspec import structs

from command_center.domain.run_templates import RunTemplate
from command_center.domain.strict import decode_toml_table, read_toml
from command_center.store.settings import Settings

TEXT = (Path(__file__).parents[2] / "docs" / "runs.md").read_text("utf-8")


def test_every_key_of_a_template_is_in_the_docs_and_the_example_can_be_read() -> None:
    section = TEXT.partition("## Templates\n")[2].partition("\n## ")[0]
    [example] = re.findall(r"^```toml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    settings = decode_toml_table(read_toml(example, "x"), Settings, "x")
    template = decode_toml_table(settings.run_templates["tiny"], RunTemplate, "x")
    assert template.axes == ["lr=0.001,0.0003"]
    words = set(re.findall(r"\w+", example))
    missing = {field.name for field in structs.fields(RunTemplate)} - words
    # The judge of a bundled task is for templates that come with the program.
    assert missing == {"training"}
