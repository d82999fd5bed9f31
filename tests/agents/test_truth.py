"""What we say of real CLIs is what they do."""

import math

import pytest

from tests.agents.cases import Case
from tests.truth.kinds import CLIS
from tests.truth.trial import trial

SECONDS = 25.0
SEED = 4


@pytest.mark.agents
@pytest.mark.timeout(240)
async def test_our_word_about_an_agent_is_true_and_prompt(case: Case) -> None:
    if case.spec not in CLIS:
        pytest.skip("not led through a script yet")
    [verdicts] = await trial([CLIS[case.spec]], [], each=2, seconds=SECONDS, seed=SEED)
    ours = verdicts.ours
    told = "\n".join((*verdicts.problems, *map(str, ours.errors), *ours.late))
    assert verdicts.problems == [], told
    assert ours.share >= 0.995, told
    assert ours.missed_waits == 0, told
    assert ours.delay(0.95) <= (0.4 if verdicts.cli.publishes else 2.0), told
    assert not math.isnan(ours.share)
