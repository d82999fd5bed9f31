"""What `acc doctor` asks about the models of our own; none of them is asked itself."""

import os
from collections.abc import Iterator

from command_center.cli.checks import note, ok, problem
from command_center.cli.reports import Finding
from command_center.domain.errors import ModelMissing, SpecError
from command_center.domain.niches import ModelChoice, ModelSettings, Niche, key_in
from command_center.domain.places import Places
from command_center.domain.text import one_line
from command_center.store.settings import read_settings


def model_choices(places: Places) -> list[Finding]:
    try:
        settings = read_settings(places.settings)
    except SpecError:
        # It is said where the configuration is looked at.
        return []
    try:
        models = settings.models
    except SpecError as error:
        return [problem("models", str(error), f"edit {places.settings}")]
    return list(_told(models))


def _told(models: ModelSettings) -> Iterator[Finding]:
    for niche in Niche:
        if (choice := models.choice(niche)) is not None:
            yield _model(niche, choice)
    if models.choice(models.jobs.plan) is None:
        text = f"none for plans, which the niche {models.jobs.plan} makes; agent CLIs make them"
        yield note("models", text, "see docs/models.md")


def _model(niche: Niche, choice: ModelChoice) -> Finding:
    area = f"model {niche}"
    try:
        name = key_in(choice, os.environ)
    except ModelMissing as missing:
        return problem(area, one_line(str(missing)), f"export {choice.key_names[0]}=...")
    where = f" at {choice.base_url}" if choice.base_url else ""
    key = f", key in {name}" if name else ""
    return ok(area, one_line(f"{choice.model}{where}{key}"))
