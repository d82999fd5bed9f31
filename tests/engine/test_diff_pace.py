"""How often the worktree of an agent that writes is looked at."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from command_center.domain.model import Diff
from command_center.drivers.diffstat import diff_stat
from command_center.engine import diff_pace, supervisor
from command_center.engine.diff_pace import DiffPace
from tests.center import Center

CHATTY_SPEC = """
id = "chatty"
name = "Chatty"
[binary]
names = ["sh"]
version = []
[launch]
argv = ["${binary}", "-c", "while :; do echo tick; sleep 0.2; done"]
[prompt]
takes_prompts = false
"""


def looks(pace: DiffPace, start: int, seconds: int, *, finding: bool) -> list[int]:
    """The seconds at which a pane that never stops writing is looked at."""
    due = []
    for now in range(start, start + seconds):
        if pace.is_due("ada", now, now):
            due.append(now - start)
            pace.note("ada", has_news=finding)
    return due


def test_looks_that_find_nothing_become_rare() -> None:
    assert looks(DiffPace(), 1000, 71, finding=False) == [0, 10, 30, 50, 70]


def test_looks_that_find_something_stay_frequent() -> None:
    assert looks(DiffPace(), 1000, 16, finding=True) == [0, 5, 10, 15]


def test_what_is_found_makes_looks_frequent_again() -> None:
    pace = DiffPace()
    looks(pace, 1000, 60, finding=False)
    pace.note("ada", has_news=True)
    assert looks(pace, 1060, 11, finding=True) == [0, 5, 10]


def test_what_was_written_last_is_looked_at_and_then_nothing() -> None:
    pace = DiffPace()
    assert pace.is_due("ada", 1000, 1000.5)
    # It went on for three seconds, and has been silent since.
    assert [now for now in range(1001, 1060) if pace.is_due("ada", 1003, now)] == [1006]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "DIFF_SECONDS", 0.1)
    monkeypatch.setattr(diff_pace, "SOON_SECONDS", 0.3)
    monkeypatch.setattr(diff_pace, "LATE_SECONDS", 2.0)


@pytest.mark.usefixtures("hurried")
async def test_a_writing_agent_that_edits_nothing_is_measured_ever_more_rarely(
    supervised: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[float] = []

    async def noted(path: Path, base_commit: str) -> Diff:
        measured.append(time.monotonic())
        return await diff_stat(path, base_commit)

    monkeypatch.setattr("command_center.engine.watcher.diff_stat", noted)
    supervised.add_spec("chatty", CHATTY_SPEC)
    ada = await supervised.launch(spec="chatty")
    await supervised.until(lambda _: any(b - a > 1.5 for a, b in pairwise(measured)))
    (Path(ada.order.worktree) / "edited").touch()
    await supervised.agent_until(ada.id, lambda a: a.diff == Diff(files=1, uncommitted=1))
