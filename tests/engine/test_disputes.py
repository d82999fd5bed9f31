"""Verdicts that two sources dispute, kept so that each can become a test."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain.cases import Scrub, case_of
from command_center.domain.ladder import PATIENCE, dispute
from command_center.domain.model import Agent, Claim, Order, Phase, Source, State
from tests.center import Center
from tests.engine.replay import Replay

TORN = """
id = "torn"
name = "Torn"
[binary]
names = ["sh"]
[launch]
argv = ["sh", "-c", '''
    echo "the box of /users/ada"
    printf '{"status": "idle"}' > ${state}/state.json
    sleep 0.5
    printf '\\033]7501;state=working\\033\\\\'
    sleep 1000
''']
[signals.published]
path = "${state}/state.json"
states = { idle = "idle" }
[signals.osc7501]
"""
ADA = Agent("ada-1", "ada", Order("demo", "r1", "b", "HEAD", "/w/ada"), 0.0, phase=Phase.LIVE)


def says(source: Source, state: State, at: float = 10.0, *, is_complete: bool = True) -> Claim:
    return Claim(source, state, at, is_complete=is_complete)


def test_two_complete_sources_that_contradict_dispute_after_a_moment() -> None:
    file, report = says(Source.PUBLISHED, State.IDLE, 8.0), says(Source.OSC, State.BUSY)
    assert dispute([report, file], 10.0 + PATIENCE / 2) is None
    assert dispute([report, file], 10.0 + PATIENCE) == (file, report)


@pytest.mark.parametrize(
    "other",
    [
        says(Source.OSC, State.LIMITED),
        says(Source.OSC, State.IDLE),
        says(Source.HOOKS, State.BUSY, is_complete=False),
    ],
)
def test_what_does_not_contradict_is_no_dispute(other: Claim) -> None:
    assert dispute([says(Source.PUBLISHED, State.IDLE), other], 99.0) is None


async def test_a_dispute_is_written_down_once_with_its_screen(supervised: Center) -> None:
    supervised.add_spec("torn", TORN)
    agent = await supervised.launch(spec="torn")
    folder = supervised.places.disputes
    await supervised.until(lambda _: folder.exists() and any(folder.iterdir()))
    supervised.add_spec("other", TORN.replace('"torn"', '"other"'))
    other = await supervised.launch(spec="other")
    await supervised.until(lambda _: any(folder.glob(f"{other.id}-*")))
    [file] = folder.glob(f"{agent.id}-*")
    first, *lines = map(json.loads, file.read_text("utf-8").splitlines())
    assert first == {"spec": "torn", "about": "published says idle, osc7501 says busy"}
    assert ["the box of /users/ada"] in [line.get("screen") for line in lines]
    assert lines[-1]["state"] == "busy"


async def test_a_saved_case_leads_to_the_same_verdict(tmp_path: Path) -> None:
    claims = (
        says(Source.PUBLISHED, State.WAITING, 8.0),
        replace(says(Source.OSC, State.LIMITED, 11.0), reason="until 3pm", until=500.0),
        says(Source.SCREEN, State.IDLE, 11.5, is_complete=False),
    )
    agent = replace(ADA, claims=claims, state=State.LIMITED, reason="until 3pm")
    scrub = Scrub.of(agent, Path("/users/eve"))
    first, *lines = map(
        json.loads, case_of(agent, claims, ["> "], 12.0, scrub, "test").splitlines()
    )
    replay = Replay(tmp_path, first["spec"])
    try:
        for line in lines[:-1]:
            replay.tell(line)
        assert (replay.agent.state, replay.agent.reason) == (State.LIMITED, "until 3pm")
        assert lines[-1] == {"state": "limited", "reason": "until 3pm"}
    finally:
        replay.close()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("/users/eve/.tool/x.json: status=idle", "~/.tool/x.json: status=idle"),
        ("in /w/ada/src", "in $WT/src"),
        ("in /src/project/.git", "in $REPO/.git"),
        ("eve@host:~$ hi, eve", "ada@host:~$ hi, ada"),
        ("mail eve.smith@example.com", "mail ada@example.org"),
        ("export API_KEY=hunter2", "export API_KEY=[left out]"),
        ('"password": "hunter2"', '"password": [left out]'),
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer [left out]"),
        ("sk-ant-REDACTED", "[left out]"),
        ("ghp_0123456789abcdefghij", "[left out]"),
        ("AKIAIOSFODNN7EXAMPLE", "[left out]"),
        ("d41d8cd98f00b204e9800998ecf8427e", "[left out]"),
        ("Do you want to proceed? 1. Yes", "Do you want to proceed? 1. Yes"),
    ],
)
def test_a_case_holds_no_secrets(text: str, clean: str) -> None:
    assert Scrub.of(ADA, Path("/users/eve"), "/src/project")(text) == clean
