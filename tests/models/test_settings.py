"""`[models]` as a user writes it."""

import re
from pathlib import Path

import msgspec
import pytest

from command_center.domain.errors import SpecError
from command_center.domain.niches import Job, ModelChoice, ModelSettings, Niche, Provider
from command_center.store.settings import read_settings

DOC = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
TOP = '[models.frontier]\nprovider = "openai"\nmodel = "m"\n'


def read(folder: Path, text: str) -> ModelSettings:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return read_settings(file).models


def test_the_example_in_the_docs_is_right(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    models = read(tmp_path, example)
    assert {n for n in Niche if models.choice(n)} == set(Niche) - {Niche.DOMAIN}
    assert models.jobs == ModelSettings().jobs
    device = models.choice(Niche.ON_DEVICE)
    assert device is not None
    assert (device.provider, device.price) == (Provider.OPENAI, (0.0, 0.0))


def test_every_key_is_in_the_docs() -> None:
    for kind in (ModelChoice, ModelSettings):
        for field in msgspec.structs.fields(kind):
            assert re.search(
                rf"`(?:models\.)?{field.encode_name}`|models\.{field.encode_name}\]", DOC
            )


def test_every_job_has_a_niche() -> None:
    assert {ModelSettings().jobs.niche(job) for job in Job} == {Niche.FRONTIER, Niche.WORKHORSE}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TOP + 'key = "sk-ant-secret-secret"\n', "frontier.key"),
        (TOP + "max_output = 0\n", "frontier.max_output"),
        (TOP.replace("frontier", "fronteer"), "did you mean 'frontier'?"),
        ('[models]\nbudget = "much"\n', "'much' is no amount"),
        ('[models.jobs]\nplan = "best"\n', "jobs.plan"),
        ('[models.jobs]\nplann = "domain"\n', "did you mean 'plan'?"),
    ],
)
def test_a_mistake_names_its_place(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_a_key_in_place_of_its_variable_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, TOP + 'key = "sk-ant-secret-secret"\n')
    assert "secret" not in str(caught.value)
