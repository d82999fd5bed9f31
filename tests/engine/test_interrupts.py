"""Keys that end a turn, and what becomes of those that a CLI loses."""

from command_center.domain.intents import Interrupt, Send
from command_center.domain.model import State
from tests.center import Center

DEAF_SPEC = """
id = "deaf"
name = "Deaf"
extends = "echo"
[prompt]
unheard = 'any key stops$'
"""


async def interrupted(supervised: Center, prompt: str) -> str:
    """The agent whose turn was interrupted and is over, by its id."""
    supervised.add_spec("deaf", DEAF_SPEC)
    ada = await supervised.launch(prompt, spec="deaf")
    await supervised.agent_until(ada.id, lambda a: a.state is State.BUSY)
    assert not (await supervised.answer(Interrupt(ada.id))).is_refused
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    return ada.id


async def received_next(supervised: Center, agent: str) -> str:
    """What comes of a prompt; keys pressed in between would stand before it."""
    sent = await supervised.answer(Send(agent, "second"))
    await supervised.agent_until(
        agent, lambda a: (r := a.receipt(sent.text)) is not None and r.delivery.is_over
    )
    return supervised.received(agent)[-1]


async def test_keys_that_were_lost_are_pressed_again(supervised: Center) -> None:
    agent = await interrupted(supervised, "[deaf]")
    assert await received_next(supervised, agent) == "second"


async def test_keys_that_were_heard_are_not_pressed_again(supervised: Center) -> None:
    agent = await interrupted(supervised, "[long] [for:5]")
    assert await received_next(supervised, agent) == "second"
