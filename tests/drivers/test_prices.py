"""List prices: known, tiered, and unknown."""

import subprocess
import sys
from decimal import Decimal

from command_center.domain.usage import NO_MODEL, NOTHING, Tokens
from command_center.drivers.prices import context_window, price, rates, worth

DAY = "2026-11-20"


def test_the_price_of_a_conversation_is_what_its_cli_says() -> None:
    told = Tokens(input=1081, output=190, cache_read=18700, cache_write=570)
    assert price("claude-sonnet-4-6", told, DAY) == Decimal("0.0138405")


def test_an_hour_in_the_cache_costs_more_than_five_minutes() -> None:
    short, long = Tokens(cache_write=100), Tokens(cache_write=100, cache_write_long=100)
    assert price("claude-sonnet-4-6", short, DAY) == Decimal("0.000375")
    assert price("claude-sonnet-4-6", long, DAY) == Decimal("0.0006")


def test_an_unknown_model_has_an_unknown_price_and_not_zero() -> None:
    assert price("scripted-1", Tokens(1000), DAY) is None
    assert price("", Tokens(1000), DAY) is None
    assert context_window("scripted-1") == 0


def test_a_long_prompt_is_priced_by_its_tier() -> None:
    short, long = rates("gpt-5.4", DAY), rates("gpt-5.4", DAY, 272_000)
    assert short is not None
    assert long is not None
    assert long.input == 2 * short.input
    assert price("gpt-5.4", Tokens(272_001), DAY) == long.input * 272_001 / 1_000_000


def test_a_provider_in_front_of_the_name_changes_nothing() -> None:
    assert rates("openai/gpt-5.4", DAY) == rates("gpt-5.4", DAY)


def test_the_table_is_loaded_by_the_first_price_only() -> None:
    code = "import sys, command_center.drivers.prices; print('genai_prices' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_what_no_model_wrote_costs_nothing() -> None:
    assert price(NO_MODEL, Tokens(1000, 1000), "2026-11-20") == 0


def test_sums_are_priced_together_and_the_unknown_is_named() -> None:
    million = Tokens(input=1_000_000)
    dollars, unknown = worth(
        [
            ("claude-sonnet-4-5", "2026-11-20", 0, million),
            ("model-1", "2026-11-20", 0, million),
            ("model-2", "2026-11-20", 0, NOTHING),
        ]
    )
    assert dollars == 3
    assert unknown == ("model-1",)
    assert worth([]) == (None, ())
