"""Which models we ask ourselves, and which of them for what: `[models]` in `config.toml`.

`docs/models.md` explains every key. A key's value is never here, only the variable that holds it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from command_center.domain.budgets import parse_cap
from command_center.domain.errors import ModelMissing

OURS = "command-center"
"""Whose calls these are, where what was spent is told apart by CLI and account."""


class Provider(StrEnum):
    """Whose API a model speaks."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    """Chat Completions: also what nearly every server for models of one's own speaks."""


_USUAL_KEYS = {
    Provider.ANTHROPIC: ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    Provider.OPENAI: ("OPENAI_API_KEY",),
}


class Niche(StrEnum):
    """What a model is good for."""

    FRONTIER = "frontier"
    WORKHORSE = "workhorse"
    ON_DEVICE = "on-device"
    DOMAIN = "domain"


class Job(StrEnum):
    """What we ask models for."""

    PLAN = "plan"
    SUMMARY = "summary"
    REVIEW = "review"
    RESEARCH_IDEA = "research-idea"


class ModelChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """One model behind one API."""

    provider: Provider
    model: Annotated[str, Meta(min_length=1)]
    base_url: str = ""
    """Empty: the provider's own, or what its usual variable says."""
    key: Annotated[str, Meta(pattern=r"^(?:[A-Za-z_][A-Za-z0-9_]*)?$")] = ""
    """Name of the variable that holds the key. Empty: the provider's usual one, which is sent to
    no `base_url` of one's own."""
    max_output: Annotated[int, Meta(ge=16, le=1_000_000)] = 16_000
    """Tokens of one answer."""
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 300.0
    """Without a byte, after which a server counts as gone."""
    price: tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]] | None = None
    """US dollars per million tokens in and out, where no list price is known."""

    @property
    def key_names(self) -> tuple[str, ...]:
        """Variables of which the first that is set holds the key; none: it needs no key."""
        if self.key:
            return (self.key,)
        return () if self.base_url else _USUAL_KEYS[self.provider]


def key_in(choice: ModelChoice, environ: Mapping[str, str]) -> str:
    """The name of the variable that holds its key; empty where none is needed.

    Raises ModelMissing.
    """
    found = next((name for name in choice.key_names if environ.get(name)), "")
    if choice.key_names and not found:
        raise ModelMissing(f"{choice.model}: no key; set {choice.key_names[0]}")
    return found


class Jobs(Struct, frozen=True, forbid_unknown_fields=True):
    """Which niche does what."""

    plan: Niche = Niche.FRONTIER
    summary: Niche = Niche.WORKHORSE
    review: Niche = Niche.FRONTIER
    research_idea: Niche = field(default=Niche.FRONTIER, name="research-idea")

    def niche(self, job: Job) -> Niche:
        by_job = {
            Job.PLAN: self.plan,
            Job.SUMMARY: self.summary,
            Job.REVIEW: self.review,
            Job.RESEARCH_IDEA: self.research_idea,
        }
        return by_job[job]


class ModelSettings(Struct, frozen=True, forbid_unknown_fields=True):
    frontier: ModelChoice | None = None
    workhorse: ModelChoice | None = None
    on_device: ModelChoice | None = field(default=None, name="on-device")
    domain: ModelChoice | None = None
    jobs: Jobs = Jobs()
    budget: str = ""
    """What our own calls may cost in a day, such as `2usd`; empty: no limit of their own."""

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the file."""
        if self.budget:
            parse_cap(self.budget)

    def choice(self, niche: Niche) -> ModelChoice | None:
        by_niche = {
            Niche.FRONTIER: self.frontier,
            Niche.WORKHORSE: self.workhorse,
            Niche.ON_DEVICE: self.on_device,
            Niche.DOMAIN: self.domain,
        }
        return by_niche[niche]
