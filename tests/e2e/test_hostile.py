"""Nothing that an agent writes reaches the dashboard's own terminal as more than text."""

import re
import unicodedata
from collections.abc import Iterator

import pytest

from command_center.domain.intents import Launch, Send
from command_center.store.lock import supervisor_pid
from tests.center import Center
from tests.e2e import hostile_agent
from tests.e2e.conftest import Open
from tests.e2e.screen import LARGE, SMALL, Size, until
from tests.e2e.stage import Stage

SPEC = f"""
id = "hostile"
name = "Hostile"
[binary]
names = ["${{python}}"]
version = []
[launch]
argv = ["${{binary}}", "{hostile_agent.__file__}"]
[resume]
argv = ["${{binary}}", "{hostile_agent.__file__}"]
[prompt]
first = "paste"
settle_ms = 50
[signals.osc7501]
"""
OURS = re.compile(
    rb"""
    \x1b\[[0-9;:]*[mHABCDEFGJKXfd]              # colours, moves and erasing
    | \x1b\]22;[a-z-]*\a                        # the mouse pointer
    | \x1b\[\?2026[hl] | \x1b\[\?25[hl]         # one picture at a time; the cursor
    | \a?\x1bPtmux;\x1b\x1b\]9;Command\ Center:\ [^\x00-\x1f\x7f]*\a\x1b\\  # a call
    """,
    re.VERBOSE,
)
"""All that the dashboard itself writes between its first paint and its end, besides text."""


@pytest.fixture(scope="module", params=[SMALL, LARGE], ids=["80x24", "200x60"])
def attacked(
    request: pytest.FixtureRequest, center: Center, open_dashboard: Open
) -> Iterator[Stage]:
    size = request.param
    assert isinstance(size, Size)
    center.add_spec("hostile", SPEC)
    stage = open_dashboard(size)
    yield stage
    stage.screen.close()


def test_hostile_output_stays_text(attacked: Stage) -> None:
    screen, pid = attacked.screen, attacked.screen.pid
    name, calm = f"mallory{pid}", f"calm{pid}"
    attacked.launch(calm)
    supervisor = supervisor_pid(attacked.center.places.lock)
    before = len(screen.stream)
    attacked.launch(name, spec="hostile")
    screen.choose(name)
    screen.press("Enter")
    screen.until_shown(f"every other key goes to {name}")
    for _ in range(3):
        screen.press("Enter")
    screen.until_shown("fine")
    screen.until_row(name, "waiting")
    screen.press("C-]")
    screen.until_shown("n new")
    for key, shown in (("w", f"Why {name}"), ("p", f"Prompt for {name}"), (":", "What shall")):
        screen.press(key)
        screen.until_shown(shown)
        screen.press("Escape")
        screen.until_hidden(shown)
    check_stream(screen.stream[before:])
    check_text(screen.text())
    assert supervisor_pid(attacked.center.places.lock) == supervisor
    assert attacked.listed()[name] == "waiting"
    screen.choose(calm)


def test_a_hostile_task_stays_text(attacked: Stage) -> None:
    screen, center = attacked.screen, attacked.center
    name = f"trudy{screen.pid}"
    before = len(screen.stream)
    # A NUL byte is refused; everything else is somebody's text.
    evil = hostile_agent.EVIL.replace("\0", "")
    answer = attacked.answer(Launch("echo", str(center.repo), f"{evil} task", name=name))
    assert not answer.is_refused, answer.text
    screen.choose(name)
    center.ask(Send(answer.agent, evil))
    until(lambda: len(attacked.agent(name).receipts) == 2, "the prompt is queued")
    screen.press("w")
    screen.until_shown(f"Why {name}")
    screen.press("Escape")
    screen.until_hidden(f"Why {name}")
    check_stream(screen.stream[before:])
    check_text(screen.text())


def check_stream(stream: bytes) -> None:
    """Only sequences of ours, and text without a control or a direction of its own."""
    # The cuts at the start and at the end may have fallen into a sequence.
    rest = OURS.sub(b"", stream[stream.index(b"\x1b") : stream.rindex(b"\x1b")])
    assert b"\x1b" not in rest, rest[max(0, rest.index(b"\x1b") - 80) :][:200]
    check_text(rest.decode("utf-8").replace("\r", ""))


def check_text(text: str) -> None:
    odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\n"}
    assert odd == set()
