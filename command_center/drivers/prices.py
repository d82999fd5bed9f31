"""What tokens would cost at the providers' list prices, from `genai-prices` and offline.

Importing the price table costs about 0.2 s and 30 MB: only who asks for a price pays for it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from msgspec import Struct

from command_center.domain.usage import NO_MODEL, Tokens, prompt_size

UNIT = 1_000_000
"""Tokens that prices are quoted for."""


class Rates(Struct, frozen=True):
    """Dollars per million tokens of one model, on one day, for prompts of one size."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal
    cache_write_long: Decimal

    def worth(self, tokens: Tokens) -> Decimal:
        """Dollars."""
        short = tokens.cache_write - tokens.cache_write_long
        return (
            self.input * tokens.input
            + self.output * tokens.output
            + self.cache_read * tokens.cache_read
            + self.cache_write * short
            + self.cache_write_long * tokens.cache_write_long
        ) / UNIT


FREE = Rates(*[Decimal()] * 5)


def price(model: str, tokens: Tokens, day: str) -> Decimal | None:
    """Dollars for one message; None when the model or its price is unknown."""
    found = rates(model, day, prompt_size(tokens))
    return found.worth(tokens) if found else None


def worth(
    sums: Iterable[tuple[str, str, int, Tokens]],
) -> tuple[Decimal | None, tuple[str, ...]]:
    """Dollars for sums by model, day and size; None when no price is known.

    And the models that the dollars do not hold, for no price of theirs is known.
    """
    dollars: Decimal | None = None
    unknown = set[str]()
    for model, day, size, tokens in sums:
        if not tokens:
            continue
        if (found := rates(model, day, size)) is None:
            unknown.add(model)
        else:
            dollars = (dollars or Decimal()) + found.worth(tokens)
    return dollars, tuple(sorted(unknown))


@cache
def rates(model: str, day: str, size: int = 0) -> Rates | None:
    """Prices on `day` (`2026-11-20`; today if empty) for a size of PROMPT_SIZES; None if unknown.

    Sums that are kept apart by model, day and size can be priced by these.
    """
    if model == NO_MODEL:
        return FREE
    from genai_prices import Usage, calc_price

    at = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None

    def cost(**kinds: int) -> Decimal:
        usage = Usage(input_tokens=prompt, **kinds)
        found = calc_price(usage, model_ref=_bare(model), genai_request_timestamp=at)
        return found.total_price * UNIT / prompt

    prompt = size + 1
    try:
        plain = cost()
        return Rates(
            input=plain,
            output=cost(output_tokens=prompt) - plain,
            cache_read=cost(cache_read_tokens=prompt),
            cache_write=cost(cache_write_tokens=prompt),
            cache_write_long=cost(cache_write_tokens=prompt, cache_write_1h_tokens=prompt),
        )
    except LookupError:
        return None


@cache
def context_window(model: str) -> int:
    """Tokens that the model can take, for CLIs that do not say; 0 if unknown."""
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(Usage(input_tokens=1), model_ref=_bare(model))
    except LookupError:
        return 0
    return found.model.context_window or 0


def _bare(model: str) -> str:
    """Without the provider in front: `openai/gpt-x`."""
    return model.rpartition("/")[2]
