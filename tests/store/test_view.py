import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.errors import LogError
from command_center.domain.model import Fleet
from command_center.domain.reduce import replay
from command_center.store.log import EventLog
from command_center.store.view import View
from tests.strategies import LAUNCHED

WRITER = """
import sys
from pathlib import Path
from command_center.domain import events as ev
from command_center.store.log import EventLog
log = EventLog(Path(sys.argv[1]))
for n in range(int(sys.argv[2])):
    log.append(ev.Noticed(str(n)), at=float(n))
    if n % 50 == 0:
        log.save_snapshot(log.load())
log.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def view(path: Path) -> Iterator[View]:
    with closing(View(path)) as view:
        yield view


def write(path: Path, *happened: ev.Event) -> Fleet:
    """Appends with a writer of its own, as a supervisor would that starts and stops."""
    with closing(EventLog(path)) as log:
        log.append(*happened, at=1.0)
        return log.load()


def test_a_log_that_does_not_exist_yet_is_no_news(view: View) -> None:
    assert view.poll() is None
    assert list(view.records()) == []


def test_a_log_created_later_is_followed(view: View, path: Path) -> None:
    view.poll()
    fleet = write(path, *LAUNCHED)
    assert view.poll() == fleet
    assert fleet.agents.keys() == {"a", "b"}


def test_nothing_new_is_none(view: View, path: Path) -> None:
    write(path, *LAUNCHED)
    assert view.poll() is not None
    assert view.poll() is None


def test_a_supervisor_that_starts_again_is_followed(view: View, path: Path) -> None:
    for event in (*LAUNCHED, ev.AgentHidden("a")):
        fleet = write(path, event)
        assert view.poll() == fleet


def test_everything_is_seen_in_order_while_it_is_written(view: View, path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path), "400"]) as writer:
        seen = [0]
        while writer.poll() is None:
            if (fleet := view.poll()) is not None:
                assert fleet == replay(r for r in view.records() if r.seq <= fleet.seq)
                seen.append(fleet.seq)
    view.poll()
    assert writer.returncode == 0
    assert seen == sorted(set(seen))
    assert [record.seq for record in view.records()] == list(range(1, 401))
    assert view.fleet == replay(view.records())


def test_the_log_can_be_read_from_anywhere(view: View, path: Path) -> None:
    write(path, *LAUNCHED, ev.AgentHidden("a"))
    assert [record.seq for record in view.records(after=1)] == [2, 3]


def test_another_log_in_its_place_starts_a_new_fleet(view: View, path: Path) -> None:
    write(path, *LAUNCHED)
    view.poll()
    other = path.with_name("other.sqlite")
    fleet = write(other, ev.Noticed("one"), ev.Noticed("two"))
    other.replace(path)
    assert view.poll() == fleet


def test_an_emptied_log_empties_the_fleet(view: View, path: Path) -> None:
    write(path, *LAUNCHED)
    view.poll()
    for file in path.parent.iterdir():
        file.unlink()
    assert view.poll() is None
    write(path)
    assert view.poll() == Fleet()
    assert view.poll() is None


def test_a_view_never_writes(view: View, path: Path) -> None:
    write(path, *LAUNCHED)
    before = path.read_bytes()
    view.poll()
    view.close()
    assert path.read_bytes() == before


def test_a_file_that_is_no_log_is_named(view: View, path: Path) -> None:
    path.write_text("a letter to my aunt" * 100)
    with pytest.raises(LogError, match=r"log\.sqlite: "):
        view.poll()


def test_an_unreadable_event_keeps_the_last_fleet(view: View, path: Path) -> None:
    fleet = write(path, *LAUNCHED)
    view.poll()
    write(path, ev.Noticed("fine"))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE event SET version = 99 WHERE seq = 3")
    with pytest.raises(LogError, match="event 3"):
        view.poll()
    assert view.fleet == fleet
