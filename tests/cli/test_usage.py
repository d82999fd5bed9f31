"""`acc usage`, and what is told of an agent's spending elsewhere."""

import csv
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.cli.spending import first_day, shown_tokens, spent_today
from command_center.domain import events as ev
from command_center.domain.usage import Cursor, Finding, SessionSeen, Source, Tokens, UsageRow
from command_center.store.usage import UsageStore
from command_center.store.view import View
from tests.cli.house import House

PRICED = "claude-sonnet-4-5"
"""3 dollars a million tokens of input, 15 of output."""
NOW = time.time()
DAY = 86400


class Books:
    """Writes what a supervisor would have counted."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.store = UsageStore(house.places.usage)
        self._count = 0

    def spend(
        self, session: str, tokens: Tokens, *, model: str = PRICED, folder: str = "", ago: float = 0
    ) -> None:
        self._count += 1
        row = UsageRow(self._count, session, model, NOW - ago, tokens)
        seen = SessionSeen(session, folder)
        self.store.record(
            Source("demo", "/c"), [Finding(f"/{self._count}", Cursor(), (row,), (seen,))]
        )


@pytest.fixture
def books(house: House) -> Iterator[Books]:
    """Ada's session is known, alan's is not."""
    for name in ("ada", "alan"):
        house.add_agent(name, prompt="Add a greeting\nand more" if name == "ada" else "")
    house.write(ev.SessionLearned("ada-1a2b", "s-ada"))
    books = Books(house)
    yield books
    books.store.close()


def spent(house: House, *words: str) -> dict[object, object]:
    return {row["name"]: row["spent"] for row in house.rows("usage", *words)}


def test_an_agents_usage_is_that_of_its_session(books: Books) -> None:
    books.spend("s-ada", Tokens(1_000_000, 100_000, 7, 8, 50))
    assert spent(books.house) == {
        "ada": {
            "messages": 1,
            "input": 1_000_000,
            "output": 100_000,
            "cache_read": 7,
            "cache_write": 8,
            "reasoning": 50,
            "total": 1_100_015,
            "dollars": pytest.approx(6 + 2.25, rel=0.01),
            "unpriced": [],
            "is_estimate": False,
        }
    }


def test_what_an_agent_spent_before_it_began_anew_stays_its_own(books: Books) -> None:
    books.spend("s-ada", Tokens(10))
    books.house.write(
        ev.ConversationDropped("ada-1a2b", "s-2"), ev.SessionLearned("ada-1a2b", "s-3")
    )
    books.spend("s-2", Tokens(20))
    books.spend("s-3", Tokens(30))
    sums = spent(books.house)["ada"]
    assert isinstance(sums, dict)
    assert sums["total"] == 60


def test_an_unknown_session_belongs_to_the_agent_of_its_worktree(books: Books) -> None:
    books.spend("s-x", Tokens(10), folder=f"{books.house.home}/w/alan/src")
    assert list(spent(books.house)) == ["alan"]


def test_what_the_user_spent_elsewhere_is_not_the_fleets(books: Books) -> None:
    books.spend("s-own", Tokens(10), folder="/srv/dev")
    result = books.house.run("usage")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "nothing was counted" in result.stderr


def test_a_forgotten_agent_still_counts(books: Books) -> None:
    books.spend("s-x", Tokens(10), folder=str(books.house.places.worktrees / "project" / "gone"))
    assert list(spent(books.house)) == ["(removed)"]


def test_an_unknown_model_has_an_unknown_price(books: Books) -> None:
    books.spend("s-ada", Tokens(10), model="model-1")
    [sums] = spent(books.house).values()
    assert isinstance(sums, dict)
    assert (sums["dollars"], sums["unpriced"]) == (None, ["model-1"])
    assert books.house.run("usage").stdout.splitlines()[1].split()[-1] == "unknown"


def test_a_price_that_is_partly_unknown_says_so(books: Books) -> None:
    books.spend("s-ada", Tokens(100_000))
    books.spend("s-ada", Tokens(10), model="model-1")
    assert books.house.run("usage").stdout.splitlines()[1].endswith("$0.30 + unknown")


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("agent", {"ada", "alan"}),
        ("spec", {"demo"}),
        ("model", {PRICED, "model-1"}),
        ("day", {first_day(1), first_day(4)}),
        ("task", {"Add a greeting", "(no task)"}),
    ],
)
def test_sums_can_be_told_apart(by: str, names: set[str], books: Books) -> None:
    books.spend("s-ada", Tokens(10))
    books.spend("s-x", Tokens(5), model="model-1", folder=f"{books.house.home}/w/alan", ago=3 * DAY)
    assert set(spent(books.house, "--by", by)) == names


def test_a_turns_usage_is_what_came_while_it_went_on(books: Books) -> None:
    house = books.house
    house.write(
        ev.PromptQueued("ada-1a2b", "p1", "Count the words\nand more"),
        ev.PromptAccepted("ada-1a2b", "p1", "hook", at=NOW - 100),
    )
    house.write(ev.PromptFinished("ada-1a2b", "p1", "hook"), at=NOW - 50)
    books.spend("s-ada", Tokens(10), ago=60)
    books.spend("s-ada", Tokens(20), ago=52)
    books.spend("s-ada", Tokens(5), ago=10)
    turns = spent(house, "--by", "turn", "--since", "1")
    totals = {name: sums["total"] for name, sums in turns.items() if isinstance(sums, dict)}
    assert totals == {"ada (between turns)": 5, "ada 1: Count the words": 30}


def test_every_message_can_be_told_by_itself(books: Books) -> None:
    books.spend("s-ada", Tokens(10, 2), ago=60)
    books.spend("s-ada", Tokens(20), ago=60, model="model-1")
    books.spend("s-x", Tokens(5), folder=f"{books.house.home}/w/alan", ago=3 * DAY)
    at, then = (time.strftime("%F %T", time.localtime(NOW - ago)) for ago in (60, 3 * DAY))
    told = spent(books.house, "--by", "message")
    totals = {name: sums["total"] for name, sums in told.items() if isinstance(sums, dict)}
    assert totals == {
        f"ada 1: {at} {PRICED}": 12,
        f"ada 2: {at} model-1": 20,
        f"alan 1: {then} {PRICED}": 5,
    }
    assert len(spent(books.house, "--by", "message", "--since", "2")) == 2
    books.spend("s-ada", Tokens(1), ago=NOW)
    assert f"ada 1: at no known time {PRICED}" in spent(books.house, "--by", "message")


def test_usage_can_be_had_as_values_for_a_spreadsheet(books: Books) -> None:
    books.spend("s-ada", Tokens(100_000), model="=model-1")
    [row] = csv.DictReader(io.StringIO(books.house.run("usage", "--csv").stdout))
    assert (row["by"], row["name"], row["input"]) == ("agent", "ada", "100000")
    assert (row["dollars"], row["unpriced"]) == ("", "=model-1")
    models = books.house.run("usage", "--by", "model", "--csv").stdout
    assert models.splitlines()[1].startswith("model,'=model-1,")


def test_usage_can_be_written_to_a_file(books: Books, tmp_path: Path) -> None:
    books.spend("s-ada", Tokens(100))
    for name in ("u.json", "u.csv"):
        assert books.house.run("usage", "--export", str(tmp_path / name)).stdout == ""
    [report] = json.loads((tmp_path / "u.json").read_text("utf-8"))
    assert (report["name"], report["spent"]["total"]) == ("ada", 100)
    assert (tmp_path / "u.csv").read_text("utf-8") == books.house.run("usage", "--csv").stdout


def test_an_unknown_kind_of_file_is_refused(books: Books, tmp_path: Path) -> None:
    result = books.house.run("usage", "--export", str(tmp_path / "u.xls"))
    assert result.exit_code == 2
    assert ".csv" in result.stderr


def test_a_file_that_cannot_be_written_is_named(books: Books, tmp_path: Path) -> None:
    result = books.house.run("usage", "--export", str(tmp_path / "no" / "u.csv"))
    assert result.exit_code == 1
    assert "u.csv" in result.stderr


def test_the_last_days_can_be_asked_for(books: Books) -> None:
    books.spend("s-ada", Tokens(10))
    books.spend("s-ada", Tokens(5), ago=3 * DAY)
    assert set(spent(books.house, "--by", "day", "--since", "3")) == {first_day(1)}


def test_several_rows_end_with_their_total(books: Books) -> None:
    books.spend("s-ada", Tokens(1000))
    books.spend("s-ada", Tokens(500), model="model-1")
    *_, last = books.house.run("usage", "--by", "model").stdout.splitlines()
    assert last.split()[:2] == ["total", "1,500"]


def test_show_and_list_tell_what_is_known(books: Books) -> None:
    books.spend("s-ada", Tokens(100_000))
    shown = books.house.run("show", "ada").stdout
    assert "100,000 input" in shown
    assert "$0.30" in shown
    assert {row["name"]: "spent" in row for row in books.house.rows("list")} == {
        "ada": True,
        "alan": False,
    }


def test_a_broken_count_hides_no_agent(house: House) -> None:
    house.add_agent("ada")
    house.places.usage.write_bytes(b"no database" * 100)
    result = house.run("list", "--json")
    assert '"ada"' in result.stdout
    assert "usage.sqlite" in result.stderr
    assert house.run("usage").exit_code == 1


def test_today_is_told_in_a_few_words(books: Books) -> None:
    view = View(books.house.places.log)
    view.poll()
    fleet = view.fleet
    view.close()
    assert spent_today(books.house.places, fleet) == ""
    books.spend("s-ada", Tokens(100_000))
    books.spend("s-ada", Tokens(5_000_000), ago=2 * DAY)
    assert spent_today(books.house.places, fleet) == "100.0k tok  $0.30 today"


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (999, "999"), (12_440, "12.4k"), (3_100_000, "3.1M")]
)
def test_many_tokens_are_told_shortly(count: int, shown: str) -> None:
    assert shown_tokens(count) == shown
