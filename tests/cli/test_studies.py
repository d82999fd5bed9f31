"""`acc run --study` and `acc runs studies` against a log that a supervisor could have written."""

from collections.abc import Iterable

import pytest

from command_center.domain import events as ev, run_events as rev
from command_center.domain.intents import Intent
from command_center.domain.run_intents import BeginSearch, CancelRun, EndSearch
from command_center.domain.runs import Devices, RunLife, RunOrder
from command_center.domain.search_events import SearchBegun, SearchEnded
from command_center.domain.searches import Search
from command_center.domain.spaces import space_of, trial_of
from tests.cli.house import House, Supervising

ORDER = RunOrder(("train",), metric="loss")
RATES = Search("rates", ORDER, space_of(["lr=0.0..1", "b=true,false"]), 3)


def tried(house: House, name: str, lr: float, loss: float | None, *, is_over: bool = True) -> None:
    order = trial_of(RATES, {"lr": lr, "b": True})
    house.write(rev.RunQueued(name, order, "cli"), rev.LeaseGranted(name, Devices(), 1))
    if is_over:
        life = RunLife.CRASHED if loss is None else RunLife.DONE
        house.write(rev.RunEnded(name, life, figures={} if loss is None else {"loss": loss}))


@pytest.fixture
def rates(house: House) -> House:
    house.write(SearchBegun(RATES))
    tried(house, "R1", 0.5, 2.0)
    tried(house, "R2", 0.25, 1.0)
    return house


def beginning(house: House) -> Supervising:
    def reply(asked: str, intent: Intent) -> Iterable[ev.Event]:
        yield ev.IntentTaken(asked, type(intent).__name__)
        if isinstance(intent, BeginSearch):
            yield SearchBegun(intent.search)
        elif isinstance(intent, EndSearch):
            yield SearchEnded(intent.search, "cancelled")
        elif isinstance(intent, CancelRun):
            yield rev.RunEnded(intent.run, RunLife.CANCELLED)
        yield ev.IntentDone(asked)

    return Supervising(house, reply)


@pytest.mark.usefixtures("repo")
def test_options_become_a_search(house: House) -> None:
    with beginning(house) as supervisor:
        done = house.run(
            *("run", "--metric", "loss", "--study", "rates", "--trials", "7", "--parallel", "2"),
            *("--space", "lr=1e-4..1e-2:log", "--space", "act=relu,gelu", "--sample-seed", "5"),
            *("--seeds", "3", "--", "train", "--act", "${act}"),
        )
    assert done.stdout.splitlines()[1].split() == ["rates", "going", "on", "0/7", "loss"]
    [intent] = supervisor.taken
    assert isinstance(intent, BeginSearch)
    asked = intent.search
    assert (asked.id, asked.trials, asked.parallel, asked.draw) == ("rates", 7, 2, 5)
    assert asked.axes == space_of(["lr=1e-4..1e-2:log", "act=relu,gelu"])
    assert (asked.order.command, asked.order.seed) == (("train", "--act", "${act}"), 3)


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--study", "s"), "a study needs a space"),
        (("--study", "s", "--space", "lr=2..1"), "does not go up"),
        (("--study", "s", "--space", "lr=1..2", "--seeds", "0..1"), "each trial once"),
        (("--space", "lr=1..2"), "name it with --study"),
    ],
)
def test_a_wrong_study_says_what_is_wrong(house: House, words: tuple[str, ...], said: str) -> None:
    done = house.run("run", *words, "--", "train")
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_studies_are_shown_with_the_best_of_each(rates: House) -> None:
    [row] = rates.rows("runs", "studies")
    assert (row["stands"], row["over"], row["trials"], row["failed"]) == ("going on", 2, 3, 0)
    assert (row["run"], row["best"], row["config"]) == ("R2", 1.0, {"lr": 0.25, "b": True})
    tried(rates, "R3", 0.1, None)
    told = rates.run("runs", "studies").stdout.splitlines()[1]
    assert told.split() == ["rates", "over", "3/3", "1", "loss", "1", "R2", "lr=0.25", "b=true"]


def test_a_study_is_cancelled_with_what_is_under_way(rates: House) -> None:
    tried(rates, "R3", 0.1, None, is_over=False)
    rates.write(SearchBegun(Search("rates", ORDER, RATES.axes, 9)))
    with beginning(rates) as supervisor:
        done = rates.run("runs", "cancel", "rates")
    assert supervisor.taken == [EndSearch("rates"), CancelRun("R3")]
    assert done.stdout.split() == ["rates", "R3"]
    assert rates.rows("runs", "studies")[0]["stands"] == "cancelled"


def test_a_study_without_a_trial_is_cancelled_too(house: House) -> None:
    house.write(SearchBegun(RATES))
    with beginning(house) as supervisor:
        assert house.run("runs", "cancel", "rates").exit_code == 0
    assert supervisor.taken == [EndSearch("rates")]
