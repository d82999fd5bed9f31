"""What we ask models ourselves counts like what the agents spend."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.cli.attribution import spent_by
from command_center.domain import intents as want
from command_center.domain.budgets import Cap
from command_center.domain.errors import OverBudget
from command_center.domain.niches import Job, ModelSettings, Niche, Provider
from command_center.domain.usage import Tokens
from command_center.drivers.models.router import Router
from command_center.drivers.models.talk import Ask
from command_center.engine.models import open_router
from command_center.store.usage_view import UsageView
from tests.center import Center
from tests.models.asking import ENVIRON, choice
from tests.scripted import ScriptedModel


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


def router(center: Center, model: ScriptedModel) -> Router:
    made = choice(model, Provider.ANTHROPIC, max_output=500, price=(3.0, 15.0))
    settings = ModelSettings(frontier=made)
    return open_router(center.places, settings, lambda: center.fleet, ENVIRON)


def spent(usage: Path) -> Tokens:
    whole = Tokens()
    if usage.exists():
        with UsageView(usage) as view:
            for total in view.totals():
                whole += total.tokens
    return whole


async def test_our_calls_are_counted_as_our_own(supervised: Center, model: ScriptedModel) -> None:
    ask = Ask("Answer.", "SM[u:700,70,7,0,0 ;; say:yes]SM")
    router(supervised, model).ask(Job.SUMMARY, ask, niche=Niche.FRONTIER)
    await supervised.until(lambda _: spent(supervised.places.usage) == Tokens(700, 70, 7))
    [(name, sums)] = spent_by(supervised.places, supervised.view, "agent").items()
    assert (name, sums.messages) == ("command-center", 1)


async def test_the_fleets_budget_stops_our_calls_before_it_is_exceeded(
    supervised: Center, model: ScriptedModel
) -> None:
    await supervised.answer(want.SetBudget("fleet", Cap(tokens=2800)))
    ours = router(supervised, model)
    ours.ask(Job.PLAN, Ask("Answer.", "SM[u:1500,0,0,0,0 ;; say:yes]SM"))
    # Whether or not the supervisor has counted the first call by now.
    with pytest.raises(OverBudget, match=r"the fleet's budget of 2\.8k tok: 1\.5k tok.* spent"):
        ours.ask(Job.PLAN, Ask("Answer.", "again"))
    assert len(model.requests) == 1
