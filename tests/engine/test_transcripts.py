"""Transcripts of live agents, followed by a real supervisor."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from command_center.domain.events import StateClaimed
from command_center.domain.intents import Resume, Stop
from command_center.domain.model import Agent, Source, State
from command_center.drivers.trails import Tail
from command_center.engine import transcripts
from tests.center import Center
from tests.engine.replay import Replay

SCRIBE = """
id = "scribe"
name = "Scribe"
[binary]
names = ["sleep"]
[launch]
argv = ["${binary}", "1000"]
[resume]
argv = ["${binary}", "1000"]
[prompt]
takes_prompts = false
[signals.transcript]
format = "plain-records"
path = "${state}/said-*.jsonl"
rules = [
    { match = '^(?:user|tool)', state = "busy" },
    { match = '^asks: (.*)', state = "waiting", reason = "question: {1}" },
    { match = '^limit: (.*)', state = "limited", reason = "{1}" },
    { match = '^assistant', state = "idle" },
]
"""
BEGUN = {"type": "user", "text": "go"}


def write(center: Center, agent: Agent, *records: Mapping[str, object], name: str = "1") -> Path:
    file = center.places.agent(agent.id) / f"said-{name}.jsonl"
    with file.open("a") as out:
        out.write("".join(json.dumps({"at": time.time(), **record}) + "\n" for record in records))
    return file


@pytest.fixture
async def scribe(supervised: Center) -> Agent:
    supervised.add_spec("scribe", SCRIBE)
    agent = await supervised.launch(spec="scribe")
    return await supervised.agent_until(agent.id, lambda a: a.pid > 0)


async def test_a_transcript_tells_the_state_with_file_and_offset(
    supervised: Center, scribe: Agent
) -> None:
    file = write(supervised, scribe, BEGUN)
    await supervised.agent_until(scribe.id, lambda a: a.state is State.BUSY)
    write(supervised, scribe, {"type": "asks", "text": "red or blue?"})
    waiting = await supervised.agent_until(scribe.id, lambda a: a.state is State.WAITING)
    assert (waiting.reason, waiting.transcript) == ("question: red or blue?", str(file))
    [claim] = waiting.claims
    offset = len(file.read_bytes().splitlines(keepends=True)[0])
    assert (claim.source, claim.evidence) == (Source.TRANSCRIPT, f"{file}:{offset}")


@pytest.mark.skipif(sys.platform != "linux", reason="rings on Linux only")
async def test_a_transcript_that_grows_is_read_at_once(
    supervised: Center, scribe: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(supervised, scribe, BEGUN)
    await supervised.agent_until(scribe.id, lambda a: a.state is State.BUSY)
    for pause in ("WORK_SECONDS", "REST_SECONDS"):
        monkeypatch.setattr(transcripts, pause, 1000.0)
    for _ in range(2):
        write(supervised, scribe, {"type": "assistant", "text": "Done."})
        await supervised.agent_until(scribe.id, lambda a: a.state is State.IDLE)
        write(supervised, scribe, BEGUN)
        await supervised.agent_until(scribe.id, lambda a: a.state is State.BUSY)


async def test_a_turn_shorter_than_two_looks_is_told_whole(
    supervised: Center, scribe: Agent
) -> None:
    write(supervised, scribe, BEGUN, {"type": "assistant", "text": "Done."})
    idle = await supervised.agent_until(scribe.id, lambda a: a.state is State.IDLE)
    assert idle.is_unseen


async def test_a_newer_file_takes_the_place_of_one_that_grows_no_more(
    supervised: Center, scribe: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "STALLED_SECONDS", 0.1)
    write(supervised, scribe, BEGUN)
    await supervised.agent_until(scribe.id, lambda a: a.state is State.BUSY)
    newer = write(supervised, scribe, {"type": "assistant", "text": "Done."}, name="2")
    idle = await supervised.agent_until(scribe.id, lambda a: a.state is State.IDLE)
    assert idle.transcript == str(newer)


async def test_a_limit_ends_by_itself_when_its_time_has_come(
    supervised: Center, scribe: Agent
) -> None:
    write(supervised, scribe, {"type": "limit", "text": "try again in 2 seconds"})
    limited = await supervised.agent_until(scribe.id, lambda a: a.state is State.LIMITED)
    assert 0 < limited.limited_until - time.time() <= 2
    idle = await supervised.agent_until(scribe.id, lambda a: a.state is State.IDLE)
    assert idle.limited_until == limited.limited_until == idle.since


async def test_what_an_earlier_incarnation_wrote_is_not_about_this_one(
    supervised: Center, scribe: Agent
) -> None:
    write(supervised, scribe, BEGUN)
    await supervised.agent_until(scribe.id, lambda a: a.state is State.BUSY)
    await supervised.answer(Stop(scribe.id))
    write(supervised, scribe, {"type": "asks", "text": "at the very end?"})
    await supervised.answer(Resume(scribe.id))
    again = await supervised.agent_until(scribe.id, lambda a: a.incarnation == 2 and a.pid > 0)
    write(supervised, scribe, BEGUN)
    await supervised.agent_until(scribe.id, lambda a: a.state is State.BUSY)
    told = [r.event for r in supervised.view.records() if isinstance(r.event, StateClaimed)]
    assert {e.claim.state for e in told if e.launch == again.launch} == {State.BUSY}


async def test_what_the_demo_agent_does_is_told(tmp_path: Path) -> None:
    replay = Replay(tmp_path, "demo")
    try:
        for at, record in enumerate(
            (BEGUN, {"type": "tool", "tool": "Write", "detail": f"{tmp_path}/notes/x.md"}), 1
        ):
            replay.tell({"at": at, "transcript": record})
        assert replay.doing == "Write notes/x.md"
        replay.tell(
            {"at": 3, "transcript": {"type": "assistant", "text": "Ok.\x1b[31m Bye.\u202e"}}
        )
        assert replay.doing == "Ok. Bye."
    finally:
        replay.close()


def test_a_hundred_idle_transcripts_cost_next_to_nothing(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.jsonl" for n in range(100)]
    tails = [Tail(str(file)) for file in files]
    for file, tail in zip(files, tails, strict=True):
        file.write_bytes(b'{"type":"user"}\n' * 1000)
        tail.new_lines()
    begun = time.process_time()
    for _ in range(20):
        assert not any(tail.new_lines() for tail in tails)
    assert (time.process_time() - begun) / 20 < 0.003 * transcripts.REST_SECONDS
