"""Doorbell: a file renamed into a folder is heard at once."""

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import pytest

from command_center.store.doorbell import CHANGES, GROWTH, Doorbell
from command_center.store.inbox import Inbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rings on Linux only")


@pytest.fixture
def inboxes(tmp_path: Path) -> list[Inbox]:
    made = [Inbox(tmp_path / name) for name in ("intents", "signals")]
    for inbox in made:
        inbox.create()
    return made


async def test_an_arrival_in_any_folder_rings(inboxes: list[Inbox]) -> None:
    rung = asyncio.Event()
    with closing(Doorbell(rung.set)) as bell:
        assert all(bell.listen(inbox.arrivals) for inbox in inboxes)
        for inbox in (*inboxes, *inboxes):
            inbox.drop(b"news")
            await asyncio.wait_for(rung.wait(), 20)
            rung.clear()


async def test_a_file_that_is_written_again_rings(tmp_path: Path) -> None:
    file, rung = tmp_path / "state.json", asyncio.Event()
    with closing(Doorbell(rung.set)) as bell:
        assert bell.listen(tmp_path, CHANGES)
        for text in ("busy", "idle"):
            file.write_text(text)
            await asyncio.wait_for(rung.wait(), 20)
            rung.clear()
        file.unlink()
        await asyncio.wait_for(rung.wait(), 20)


async def test_a_file_that_grows_rings_though_it_stays_open(tmp_path: Path) -> None:
    rung = asyncio.Event()
    with (tmp_path / "log").open("w") as file, closing(Doorbell(rung.set)) as bell:
        assert bell.listen(tmp_path / "log", GROWTH)
        for _ in range(2):
            print("more", file=file, flush=True)
            await asyncio.wait_for(rung.wait(), 40)
            rung.clear()


async def test_a_folder_that_is_not_there_cannot_be_heard(tmp_path: Path) -> None:
    with closing(Doorbell(lambda: None)) as bell:
        assert not bell.listen(tmp_path / "nowhere")


async def test_a_closed_bell_is_silent(inboxes: list[Inbox]) -> None:
    rung = asyncio.Event()
    bell = Doorbell(rung.set)
    bell.listen(inboxes[0].arrivals)
    bell.close()
    bell.close()
    inboxes[0].drop(b"news")
    await asyncio.sleep(0)
    assert not rung.is_set()


async def test_a_folder_that_is_forgotten_rings_no_more(inboxes: list[Inbox]) -> None:
    rung = asyncio.Event()
    with closing(Doorbell(rung.set)) as bell:
        bell.listen(inboxes[0].arrivals)
        bell.forget(inboxes[0].arrivals)
        bell.forget(inboxes[0].arrivals)
        # The kernel tells of the end of a watch too.
        await asyncio.wait_for(rung.wait(), 20)
        rung.clear()
        inboxes[0].drop(b"news")
        for _ in range(3):
            await asyncio.sleep(0.01)
        assert not rung.is_set()
