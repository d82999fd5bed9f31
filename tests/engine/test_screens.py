"""What the visible screen may say of an agent."""

from command_center.domain import events as ev
from command_center.domain.intents import Launch
from command_center.domain.model import Agent, Claim, Order, Source, State
from command_center.domain.signals import Rule, Screen
from command_center.engine.watcher import screen_events
from tests.center import Center

RULES = Screen((Rule(r"^Allow (.*)\?", State.WAITING, "permission: {1}"), Rule("^>", State.IDLE)))
DIALOG, BOX, NEITHER = ["Allow rm?"], [">"], ["working"]

SCREEN_SPEC = """
id = "screened"
name = "Screened"
extends = "echo"
[signals.screen]
rules = [{ match = '^>', state = "waiting", reason = "permission: what only the screen shows" }]
"""


def ada(*said: Claim, since: float = 0) -> Agent:
    order = Order("echo", "repo", "branch", "HEAD", "worktree")
    return Agent("ada-1", "ada", order, 0.0, claims=said, since=since)


def words(agent: Agent, tail: list[str], *, stands: bool = False) -> list[str]:
    events = screen_events(agent, RULES, tail, 9.0, stands=stands)
    return [
        f"{e.claim.state} {e.claim.reason}".strip() if isinstance(e, ev.StateClaimed) else "gone"
        for e in events
    ]


ASKED = Claim(Source.SCREEN, State.WAITING, 3.0, "permission: rm", is_complete=False)


def test_a_dialog_counts_while_it_is_on_the_screen() -> None:
    assert words(ada(), DIALOG) == ["waiting permission: rm"]
    assert words(ada(ASKED), DIALOG) == []
    assert words(ada(ASKED), NEITHER) == ["gone"]


def test_the_same_dialog_again_is_told_again() -> None:
    assert words(ada(ASKED, since=5.0), DIALOG) == ["waiting permission: rm"]


def test_an_idle_screen_counts_once_it_stands_still() -> None:
    assert words(ada(), BOX) == []
    assert words(ada(), BOX, stands=True) == ["idle"]


async def test_the_screen_adds_its_reason_to_a_wait_and_nothing_else(supervised: Center) -> None:
    supervised.add_spec("screened", SCREEN_SPEC)
    answer = await supervised.answer(Launch("screened", str(supervised.repo), "please [ask]"))
    assert not answer.is_refused, answer.text
    ada = await supervised.agent_until(answer.agent, lambda a: "only the screen" in a.reason)
    assert ada.state is State.WAITING
    supervised.tmux("send-keys", "-t", ada.pane, "y")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
