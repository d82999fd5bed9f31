"""The dashboard's plans are made by a process of its own."""

import asyncio
import os
from pathlib import Path

import pytest

from command_center.cli.planning import proposed
from command_center.domain.errors import ModelError
from command_center.domain.tasks import Brief, TaskKind
from tests.cli.house import House, wait_for
from tests.planner.test_planner import FAKE, GOOD


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No agent CLI is on the PATH."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


def add_fake(house: House, *words: str) -> None:
    file = house.places.config / "agents" / "fake.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    argv = ", ".join(f"'''{word}'''" for word in ("${binary}", FAKE, *words))
    file.write_text(
        f"""
id = "fake"
name = "Fake"
[binary]
names = ["${{python}}"]
[launch]
argv = ["${{binary}}"]
[headless]
argv = [{argv}]
answer = "result"
"""
    )


async def test_a_plan_comes_back_as_it_was_made(house: House, repo: Path) -> None:
    add_fake(house, "whole", GOOD)
    made = await proposed("cache 'it'\n$(touch pwned) -x", repo, "")
    assert (made.by, made.tasks) == (
        "Fake",
        (Brief("Look", kind=TaskKind.RESEARCH), Brief("Do", needs=("#1",))),
    )
    assert (repo / "asked").read_text().endswith("cache 'it'\n$(touch pwned) -x\0")
    assert not (repo / "pwned").exists()


async def test_what_it_complains_of_is_told(house: House, repo: Path) -> None:
    add_fake(house, "fail")
    with pytest.raises(ModelError, match=r": exit status 1: no credit left$"):
        await proposed("cache it", repo, "")


async def test_a_niche_without_a_model_is_told(house: House, repo: Path) -> None:
    del house
    with pytest.raises(ModelError, match="no model for the niche 'domain'"):
        await proposed("cache it", repo, "domain")


async def test_given_up_it_ends_the_cli_too(house: House, repo: Path) -> None:
    add_fake(house, "hang")
    planning = asyncio.create_task(proposed("cache it", repo, ""))
    pid = repo / "pid"
    await asyncio.to_thread(wait_for, lambda: pid.exists() and pid.read_text() != "", "it runs")
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning

    def is_gone() -> bool:
        try:
            os.killpg(int(pid.read_text()), 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(is_gone, "the process group is gone")


async def test_a_folder_named_like_ours_is_not_run(
    house: House, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_fake(house, "whole", GOOD)
    evil = repo / "command_center"
    evil.mkdir()
    (evil / "__init__.py").write_text("open('pwned', 'w').close()\n")
    monkeypatch.chdir(repo)
    await proposed("cache it", repo, "")
    assert not (repo / "pwned").exists()
