"""Agents at the limit of their plan: resumed once after it, and only when asked to."""

import time

import pytest

from command_center.domain import intents as want, limit_events as lim
from command_center.domain.model import Agent, Delivery, State
from tests.center import ECHO_SPEC, Center

RULES = """
rules = [{ match = "resets (?P<when>.*)", state = "limited", reason = "until {when}" }]
"""
LIMITED = ECHO_SPEC.replace('id = "echo"', 'id = "limited"') + RULES
DIALOG = (
    ECHO_SPEC.replace('id = "echo"', 'id = "dialog"')
    + RULES
    + '[limit]\nprompt = ""\nkeys = ["4", "2"]\nscreen = "limited"\n'
)


@pytest.fixture
def _hasty(center: Center) -> None:
    """A supervisor that resumes at once, and once a day."""
    center.add_spec("limited", LIMITED)
    center.add_spec("dialog", DIALOG)
    center.places.settings.parent.mkdir(parents=True, exist_ok=True)
    center.places.settings.write_text("[limits]\npause = [0, 0.2]\nmost = 1\n", "utf-8")


async def launched(
    center: Center, prompt: str, *, comes_back: bool | None = True, spec: str = "limited"
) -> Agent:
    launch = want.Launch(spec, str(center.repo), prompt, comes_back=comes_back)
    answer = await center.answer(launch)
    assert not answer.is_refused, answer.text
    return center.fleet.agents[answer.agent]


async def limited(center: Center, agent: Agent) -> Agent:
    return await center.agent_until(agent.id, lambda a: a.state is State.LIMITED)


def told(center: Center) -> list[str]:
    events = (record.event for record in center.view.records())
    kinds = lim.ComebackEvent.__args__
    return [
        type(event).__name__.removeprefix("Comeback")
        for event in events
        if isinstance(event, kinds)
    ]


@pytest.mark.usefixtures("_hasty")
async def test_a_limited_agent_is_resumed_once_when_its_limit_has_ended(
    supervised: Center,
) -> None:
    ada = await launched(supervised, "[limit:3]")
    ada = await supervised.agent_until(ada.id, lambda a: bool(a.comebacks.words))
    assert ada.state is State.LIMITED
    assert ada.reason.startswith("until ")
    assert time.strftime(", resumes %H:", time.localtime(ada.limited_until)) in ada.reason
    await supervised.agent_until(ada.id, lambda a: a.receipts[-1].text == "continue")
    assert time.time() >= ada.limited_until
    ada = await supervised.agent_until(ada.id, lambda a: a.receipts[-1].delivery.is_over)
    assert ada.receipts[-1].delivery is Delivery.FINISHED
    assert supervised.received(ada.id) == ["[limit:3]", "continue"]
    assert told(supervised) == ["Planned", "Intended"]
    assert ada.reason == ""


@pytest.mark.usefixtures("_hasty")
async def test_nobody_is_resumed_who_was_not_asked_to_be(supervised: Center) -> None:
    ada = await launched(supervised, "[limit:1]", comes_back=None)
    bob = await launched(supervised, "[limit:2]")
    await supervised.agent_until(bob.id, lambda a: len(a.receipts) == 2)
    assert supervised.fleet.agents[ada.id].state is State.IDLE
    assert supervised.received(ada.id) == ["[limit:1]"]


@pytest.mark.usefixtures("_hasty")
async def test_the_most_resumes_of_a_day_are_kept_to(supervised: Center) -> None:
    ada = await launched(supervised, "[limit:1]")
    await supervised.agent_until(ada.id, lambda a: a.comebacks.times != ())
    await supervised.agent_until(ada.id, lambda a: a.receipts[-1].delivery is Delivery.FINISHED)
    supervised.ask(want.Send(ada.id, "[limit:100]"))
    words = "is not resumed again today (1 at most)"
    await supervised.agent_until(ada.id, lambda a: words in a.reason)
    assert told(supervised) == ["Planned", "Intended", "Refused"]


@pytest.mark.usefixtures("_hasty")
async def test_a_prompt_of_the_users_goes_on_instead(supervised: Center) -> None:
    ada = await launched(supervised, "[limit:3]")
    await limited(supervised, ada)
    supervised.ask(want.Send(ada.id, "mine"))
    await supervised.until(lambda _: "Forgone" in told(supervised))
    await supervised.until(lambda _: supervised.received(ada.id)[1:] == ["mine"])
    assert told(supervised) == ["Planned", "Forgone"]


@pytest.mark.usefixtures("_hasty")
async def test_a_dialog_is_answered_by_its_keys(supervised: Center) -> None:
    ada = await launched(supervised, "[limit:2]", spec="dialog")
    await limited(supervised, ada)
    await supervised.until(lambda _: told(supervised) == ["Planned", "Intended", "Done"])
    supervised.tmux("send-keys", "-t", ada.pane, "Enter")
    await supervised.until(lambda _: supervised.received(ada.id)[1:] == ["42"])


@pytest.mark.usefixtures("_hasty")
async def test_two_kills_around_a_resume_lead_to_one_resume(center: Center) -> None:
    first = center.start_supervisor()
    ada = await launched(center, "[limit:4]")
    await center.until(lambda _: told(center) == ["Planned"])
    first.kill()
    first.wait()
    second = center.start_supervisor()
    await center.until(lambda _: "Intended" in told(center))
    second.kill()
    second.wait()
    center.start_supervisor()
    ada = await center.agent_until(
        ada.id, lambda a: len(a.receipts) == 2 and a.receipts[1].delivery.is_over
    )
    assert told(center) == ["Planned", "Intended"]
    # Killed between two keys, it may have been typed: then it is said to be unsent.
    sent = center.received(ada.id)[1:]
    assert sent == ["continue"] or (sent == [] and ada.receipts[1].delivery is Delivery.UNSENT), (
        ada.receipts
    )
