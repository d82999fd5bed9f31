"""Budgets on the screen: always said, in few words."""

import pytest

from command_center.domain import budget_events as bev, events as ev
from command_center.domain.budgets import Cap
from tests.tui.world import World, running, screen, until, until_shown

SIZES = [(80, 24), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_a_reached_budget_is_said_until_it_is_raised(
    world: World, size: tuple[int, int]
) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world, size) as (app, pilot):
        world.log.append(
            bev.BudgetSet("day", Cap(5.0), "cli"),
            bev.BudgetWarned("day", "$4.10 of $5.00 spent", "d"),
            at=world.now,
        )
        await until_shown(pilot, app, "today's budget is nearly reached")
        world.log.append(bev.BudgetHeld("day", "$5.10 of $5.00 spent", "d"), at=world.now)
        await until_shown(pilot, app, "today's budget is reached")
        world.log.append(
            bev.BudgetSet("day", Cap(9.0), "cli"), bev.BudgetReleased("day"), at=world.now
        )
        await until(pilot, lambda: "is reached" not in screen(app)[0], "it is quiet again")


async def test_the_row_of_an_agent_says_why_its_prompt_is_held(world: World) -> None:
    world.repo("shop")
    ada = world.agent("ada")
    async with running(world, (200, 60)) as (app, pilot):
        why = "the budget of ada is reached: $5.10 of $5.00 spent"
        world.log.append(
            ev.PromptQueued(ada, "p", "go on"), ev.PromptHeld(ada, "p", why), at=world.now
        )
        await until_shown(pilot, app, f"prompt held: {why}")
