"""A router to the scripted model, with keys that are none."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from command_center.domain.niches import ModelChoice, ModelSettings, Provider
from command_center.drivers.models.calls import CallLog
from command_center.drivers.models.router import Router, WhyNot
from tests.scripted import ScriptedModel

ENVIRON = {"DUMMY_KEY": "sk-dummy"}
ASK = "say what is wanted"


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What the tests want to hear."""

    word: str
    number: Annotated[int, Meta(ge=0)] = 0


def choice(model: ScriptedModel, provider: Provider, **rest: object) -> ModelChoice:
    url = model.url + ("/v1" if provider is Provider.OPENAI else "")
    known = {"provider": provider, "model": "scripted-1", "base_url": url, "key": "DUMMY_KEY"}
    return msgspec.convert({**known, **rest}, ModelChoice)


def router(
    model: ScriptedModel,
    provider: Provider,
    folder: Path,
    budget: str = "",
    why_not: WhyNot = lambda _: "",
    **rest: object,
) -> Router:
    settings = ModelSettings(
        frontier=choice(model, provider, **{"price": (3.0, 15.0), **rest}), budget=budget
    )
    return Router(settings, ledger(folder).file, why_not, ENVIRON)


def ledger(folder: Path) -> CallLog:
    return CallLog(folder / "calls.jsonl")


def told(provider: Provider, *answers: str) -> str:
    """A prompt that is answered so, one after the other."""
    kind = "tool:answer|" if provider is Provider.ANTHROPIC else "json:"
    return "SM[" + " ;; ".join(kind + answer for answer in answers) + "]SM"
