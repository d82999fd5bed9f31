"""What agents spend is counted while they work."""

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.usage import Tokens
from command_center.store.gauges import GaugeView
from command_center.store.usage_view import UsageView
from tests.center import ECHO_SPEC, Center
from tests.transcripts import CORPUS, SESSION, block, message

SPEC = """
[usage]
format = "message-blocks"
paths = ["${config}/projects/**/*.jsonl"]
"""


@pytest.fixture
def config(center: Center, tmp_path: Path) -> Path:
    """The configuration folder of a CLI that writes transcripts."""
    folder = tmp_path / "config"
    head = ECHO_SPEC.replace('id = "echo"', f'id = "teller"\nconfig_dir = "{folder}"')
    center.add_spec("teller", head + SPEC)
    return folder


def transcript(config: Path, session: str) -> Path:
    path = config / "projects" / "-srv-wt" / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def counted(center: Center) -> dict[str, Tokens]:
    """By session."""
    if not center.places.usage.exists():
        return {}
    with UsageView(center.places.usage) as view:
        return {total.by[0]: total.tokens for total in view.totals("session")}


async def resting(center: Center, name: str = "") -> Agent:
    agent = await center.launch("hello", spec="teller", name=name)
    return await center.agent_until(agent.id, lambda a: a.state is State.IDLE)


async def test_a_transcript_is_counted_as_it_grows(config: Path, supervised: Center) -> None:
    ada = await resting(supervised)
    path = transcript(config, ada.session)
    lines = (CORPUS / "message-blocks" / f"{SESSION}.jsonl").read_bytes()
    lines = lines.replace(SESSION.encode(), ada.session.encode())
    half = lines.index(b"\n", len(lines) // 2) + 1
    path.write_bytes(lines[:half])
    await supervised.until(lambda _: bool(counted(supervised).get(ada.session)))
    before = counted(supervised)[ada.session]
    with path.open("ab") as file:
        file.write(lines[half:] + block("more", session=ada.session))
    await supervised.until(lambda _: counted(supervised)[ada.session].total > before.total)


async def test_older_history_of_the_user_is_not_read(config: Path, supervised: Center) -> None:
    old = transcript(config, "old")
    old.write_bytes(block("old", session="old"))
    os.utime(old, (time.time() - 3600,) * 2)
    ada = await resting(supervised)
    transcript(config, ada.session).write_bytes(block("new", session=ada.session))
    await supervised.until(lambda _: bool(counted(supervised)))
    assert counted(supervised) == {ada.session: message()}


async def test_a_file_in_an_agents_own_folder_is_its_own(
    center: Center, supervised: Center
) -> None:
    spec = ECHO_SPEC.replace('id = "echo"', 'id = "homely"')
    tells = SPEC.replace("${config}/projects/**/*.jsonl", "${state}/told.jsonl")
    center.add_spec("homely", spec + tells)
    answer = await center.launch("hello", spec="homely")
    ada = await center.agent_until(answer.id, lambda a: a.state is State.IDLE)
    told = center.places.agent(ada.id) / "told.jsonl"
    told.write_bytes(block("m", session=ada.session))
    await supervised.until(lambda _: counted(supervised) == {ada.session: message()})


async def test_gauges_tell_what_was_counted(config: Path, supervised: Center) -> None:
    ada = await resting(supervised)
    transcript(config, ada.session).write_bytes(block("m", session=ada.session))
    gauges = dict[str, Gauge]()
    with closing(GaugeView(supervised.places.gauges)) as view:

        def is_told(_: Fleet) -> bool:
            gauges.update(view.poll() or {})
            return ada.id in gauges and bool(gauges[ada.id].spent)

        await supervised.until(is_told)
    assert gauges[ada.id].spent == message()
    assert gauges[ada.id].unpriced == ("model-1",)


async def test_what_was_written_without_a_supervisor_is_counted_by_the_next(
    config: Path, center: Center
) -> None:
    first = center.start_supervisor()
    ada = await resting(center)
    first.kill()
    first.wait()
    transcript(config, ada.session).write_bytes(block("late", session=ada.session))
    center.start_supervisor()
    await center.until(lambda _: counted(center) == {ada.session: message()})


async def test_a_broken_store_is_told_once_and_harms_nothing(
    config: Path, supervised: Center
) -> None:
    supervised.places.usage.write_bytes(b"not a database at all, but long enough to be looked at")
    ada = await resting(supervised, "ada")
    transcript(config, ada.session).write_bytes(block("m", session=ada.session))
    fleet = await supervised.until(lambda f: any("not counted" in n.text for n in f.notices))
    assert (await resting(supervised, "bob")).state is State.IDLE
    assert sum("not counted" in n.text for n in fleet.notices) == 1
