"""What each task is said to have cost."""

from collections.abc import Iterator

import pytest

from command_center.cli.task_costs import task_costs
from command_center.domain import events as ev, task_events as tev
from command_center.domain.model import Fleet
from command_center.domain.tasks import Brief
from command_center.domain.usage import Tokens
from command_center.store.view import View
from tests.cli.house import House
from tests.cli.test_usage import NOW, Books


@pytest.fixture
def books(house: House) -> Iterator[Books]:
    """Two tasks of ada, one after the other: from 300 to 200 s ago, and from 100 s ago on."""
    house.add_agent("ada")
    house.write(ev.SessionLearned("ada-1a2b", "s-ada"))
    for name, start in (("T1", 300), ("T2", 100)):
        house.write(
            tev.TaskAdded(name, Brief(name, "shop"), "cli", is_queued=True),
            tev.TaskAssigned(name, "ada-1a2b", "chosen"),
            tev.TaskStarted(name, NOW - start),
        )
        if name == "T1":
            house.write(tev.CheckPassed(name), at=NOW - 200)
    books = Books(house)
    yield books
    books.store.close()


def fleet(house: House) -> Fleet:
    view = View(house.places.log)
    view.poll()
    view.close()
    return view.fleet


def test_a_task_costs_what_its_agent_spent_from_its_start_to_its_end(books: Books) -> None:
    for ago, count in ((400, 1), (250, 20), (150, 300), (50, 4000)):
        books.spend("s-ada", Tokens(count), ago=ago)
    costs = task_costs(books.house.places, fleet(books.house))
    assert {name: share.tokens.total for name, share in costs.items()} == {"T1": 20, "T2": 4000}
    assert costs["T2"].money == pytest.approx(0.012)


def test_nothing_is_counted_before_anybody_counts(house: House) -> None:
    assert task_costs(house.places, fleet(house)) == {}
