"""What the visible screen may say of an agent."""

import pytest
from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.intents import Launch
from command_center.domain.model import Agent, Claim, Delivery, Order, Receipt, Source, State
from command_center.domain.signals import Rule, Screen
from command_center.engine import supervisor, watcher
from command_center.engine.watcher import Sight, screen_events
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

TICKING_SPEC = """
id = "ticking"
name = "Ticking"
[binary]
names = ["sh"]
version = []
[launch]
argv = [
    "${binary}", "-c",
    "while [ ! -e $$0 ]; do echo tick; sleep 0.1; done; echo '> yes?'; sleep 1000",
    "${state}/asks",
]
[prompt]
takes_prompts = false
[signals.screen]
rules = [
    { match = '^>', state = "waiting", reason = "question" },
    { match = '', state = "busy" },
]
"""

QUIET_SPEC = """
id = "quiet"
name = "Quiet"
extends = "ticking"
[launch]
argv = [
    "${binary}", "-c",
    '''
    until [ -e $$0 ]; do sleep 0.1; done; echo "> yes?"
    until [ -e $$0-no ]; do sleep 0.1; done; echo ready; sleep 1000
    ''',
    "${state}/asks",
]
[signals.screen]
rules = [
    { match = '^ready', state = "idle" },
    { match = '^>', state = "waiting", reason = "question" },
    { match = '', state = "busy" },
]
"""


def ada(*said: Claim, since: float = 0) -> Agent:
    order = Order("echo", "repo", "branch", "HEAD", "worktree")
    return Agent("ada-1", "ada", order, 0.0, claims=said, since=since)


def words(agent: Agent, tail: list[str], *, since: float = 9.0) -> list[str]:
    """What is said at 9.0 of a screen that has looked like that since `since`."""
    events = screen_events(agent, RULES, Sight(tail, since), 9.0)
    return [
        f"{e.claim.state} {e.claim.reason}".strip() if isinstance(e, ev.StateClaimed) else "gone"
        for e in events
    ]


ASKED = Claim(Source.SCREEN, State.WAITING, 3.0, "permission: rm", is_complete=False)


def test_a_dialog_counts_while_it_is_on_the_screen() -> None:
    assert words(ada(), DIALOG) == ["waiting permission: rm"]
    assert words(ada(ASKED), DIALOG) == []
    assert words(ada(ASKED), NEITHER) == ["gone"]


def test_an_idle_box_counts_until_somebody_takes_the_prompt_that_is_typed_into_it() -> None:
    box = Claim(Source.SCREEN, State.IDLE, 3.0, is_complete=False)
    typed = Receipt("p", "go", 4.0, Delivery.TYPED)
    typing = replace(ada(box), state=State.IDLE, receipts=(typed,))
    assert words(typing, NEITHER) == []
    taken = replace(typing, receipts=(replace(typed, delivery=Delivery.ACCEPTED),))
    assert words(taken, NEITHER) == ["gone"]


def test_the_same_dialog_again_is_told_again() -> None:
    assert words(ada(ASKED, since=5.0), DIALOG) == ["waiting permission: rm"]


def test_an_idle_screen_counts_once_it_stands_still() -> None:
    assert words(ada(), BOX) == []
    assert words(ada(), BOX, since=8.8) == ["idle"]


def test_a_screen_from_before_the_last_news_contradicts_it_late() -> None:
    assert words(ada(since=8.8), BOX, since=5.0) == []
    assert words(ada(since=8.8), DIALOG, since=5.0) == []
    assert words(ada(since=8.4), BOX, since=5.0) == ["idle"]
    assert words(ada(since=8.4), BOX, since=8.5) == ["idle"]


async def test_the_screen_adds_its_reason_to_a_wait_and_nothing_else(supervised: Center) -> None:
    supervised.add_spec("screened", SCREEN_SPEC)
    answer = await supervised.answer(Launch("screened", str(supervised.repo), "please [ask]"))
    assert not answer.is_refused, answer.text
    ada = await supervised.agent_until(answer.agent, lambda a: "only the screen" in a.reason)
    assert ada.state is State.WAITING
    supervised.tmux("send-keys", "-t", ada.pane, "y")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)


async def test_a_pane_that_writes_is_read_between_the_looks_at_all(
    supervised: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervised.add_spec("ticking", TICKING_SPEC)
    ada = await supervised.launch(spec="ticking")
    await supervised.agent_until(ada.id, lambda a: a.state is State.BUSY)
    monkeypatch.setattr(watcher, "SCREEN_SECONDS", 1000.0)
    monkeypatch.setattr(watcher, "WRITING_SECONDS", 60.0)
    (supervised.places.agent(ada.id) / "asks").touch()
    asked = await supervised.agent_until(ada.id, lambda a: a.state is State.WAITING)
    assert (asked.source, asked.reason) == (Source.SCREEN, "question")


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks tmux which panes write, but once."""
    monkeypatch.setattr(supervisor, "PANES_SECONDS", 1000.0)


@pytest.mark.usefixtures("seldom")
async def test_a_screen_that_changed_is_read_again_soon(
    supervised: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervised.add_spec("ticking", TICKING_SPEC)
    supervised.add_spec("quiet", QUIET_SPEC)
    ada = await supervised.launch(spec="quiet")
    await supervised.agent_until(ada.id, lambda a: a.state is State.BUSY)
    asks = supervised.places.agent(ada.id) / "asks"
    monkeypatch.setattr(watcher, "WRITING_SECONDS", 60.0)
    asks.touch()
    await supervised.agent_until(ada.id, lambda a: a.state is State.WAITING)
    monkeypatch.setattr(watcher, "SCREEN_SECONDS", 1000.0)
    asks.with_name("asks-no").touch()
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
