"""Budgets hold prompts of real CLIs before their models see them."""

import pytest

from command_center.domain import intents as want
from command_center.domain.budgets import Cap, Level
from command_center.domain.model import Delivery
from tests.agents.cases import Stage
from tests.agents.test_end_to_end import SECONDS, idle

TOLD = ("claude", "codex", "copilot", "gemini", "opencode", "native")
"""CLIs that write what they spend as each message ends."""

pytestmark = [pytest.mark.agents, pytest.mark.timeout(240)]


async def test_a_prompt_that_would_exceed_a_budget_never_reaches_the_model(stage: Stage) -> None:
    if stage.case.spec not in TOLD:
        pytest.skip(f"{stage.case.spec} tells what a turn spent when it has ended")
    launch = want.Launch(
        stage.case.spec,
        str(stage.center.repo),
        "SM[u:100,20,2000,300,0 ;; say:First.]SM",
        mode=stage.case.mode,
        trusts_repo=stage.case.trusts,
        budget=Cap(tokens=4_000),
    )
    answer = await stage.center.answer(launch)
    assert not answer.is_refused, answer.text
    ada = await idle(stage, stage.center.fleet.agents[answer.agent])
    scope = f"agent:{ada.id}"
    fleet = await stage.center.until(lambda f: f.budgets[scope].level is Level.HELD, SECONDS)
    assert " of 4k tok spent, and a message costs about " in fleet.budgets[scope].words
    stage.center.ask(want.Send(ada.id, "SM[say:Second.]SM"))
    await stage.center.agent_until(
        ada.id, lambda a: a.receipts[-1].delivery is Delivery.HELD, SECONDS
    )
    assert "SM[say:Second.]SM" not in stage.model.prompts()
    raised = want.SetBudget(scope, Cap(tokens=90_000), raises=True)
    assert not (await stage.center.answer(raised)).is_refused
    await stage.center.until(lambda _: "SM[say:Second.]SM" in stage.model.prompts(), SECONDS)
