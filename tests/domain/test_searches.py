import pytest

from command_center.domain.runs import Run, RunLife, RunOrder
from command_center.domain.search_events import SearchBegun, SearchEnded, searched
from command_center.domain.searches import (
    Axes,
    Choice,
    Range,
    Search,
    may_go_on,
    may_try_now,
    trials_of,
)
from command_center.domain.spaces import drawn, fits, space_of, trial_of

SPACE = space_of(["lr=1e-4..1e-2:log", "layers=1..6", "width=64..512:64", "act=relu,gelu"])


def search(trials: int = 3, parallel: int = 0) -> Search:
    return Search("s", RunOrder(("train",), metric="loss"), SPACE, trials, parallel=parallel)


def trial(number: int, life: RunLife) -> Run:
    return Run(f"R{number}", RunOrder(("train",), sweep="s"), 1.0, life=life)


def test_a_space_is_read_as_it_is_written() -> None:
    assert {
        "lr": Range(1e-4, 1e-2, is_log=True),
        "layers": Range(1, 6, is_whole=True),
        "width": Range(64, 512, is_whole=True, step=64),
        "act": Choice(("relu", "gelu")),
    } == SPACE
    assert space_of(["d=0..0.5", "b=true,false", "k=3"]) == {
        "d": Range(0, 0.5),
        "b": Choice((True, False)),
        "k": Choice((3,)),
    }


@pytest.mark.parametrize(
    "text", ["lr", "lr=2..1", "lr=0..1:log", "lr=1..1", "lr=1..2:0", "lr=1..2:3", "lr=1..1e999"]
)
def test_a_space_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lr"):
        space_of([text])


def test_an_axis_is_there_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        space_of(["a=1,2", "a=1..2"])


def test_what_is_drawn_fits_its_space_and_is_the_same_again() -> None:
    found = [drawn(search(), number) for number in range(200)]
    assert all(fits(config, SPACE) for config in found)
    assert found == [drawn(search(), number) for number in range(200)]
    assert {config["layers"] for config in found} == {1, 2, 3, 4, 5, 6}
    assert {config["width"] for config in found} == {*range(64, 513, 64)}
    rates = sorted(float(config["lr"]) for config in found)
    assert 5e-4 < rates[100] < 2e-3


def test_what_another_space_gave_does_not_fit() -> None:
    config = drawn(search(), 0)
    assert not fits({**config, "lr": 0.5}, SPACE)
    assert not fits({**config, "width": 65}, SPACE)
    assert not fits({**config, "act": "tanh"}, SPACE)
    assert not fits({"lr": config["lr"]}, SPACE)


def test_a_trial_has_its_values_in_its_command_and_in_its_config() -> None:
    axes: Axes = {"lr": Range(0, 1), "bias": Choice((True,))}
    asked = Search("s", RunOrder(("train", "${lr}")), axes, 1)
    order = trial_of(asked, {"lr": 1e-05, "bias": True})
    assert order.command == ("train", "1e-05", "--bias=true")
    assert (order.config, order.sweep) == ({"lr": 1e-05, "bias": True}, "s")


def test_the_next_trial_is_chosen_when_none_waits() -> None:
    running, queued, done = (
        trial(n, life) for n, life in enumerate((RunLife.RUNNING, RunLife.QUEUED, RunLife.DONE))
    )
    assert may_try_now(search(), [])
    assert may_try_now(search(), [running])
    assert not may_try_now(search(), [queued])
    assert not may_try_now(search(parallel=1), [running])
    assert may_try_now(search(parallel=1), [done])
    assert not may_try_now(search(), [done, done, done])


def test_a_search_goes_on_until_it_has_its_trials_or_is_ended() -> None:
    known = searched({}, SearchBegun(search(2)))
    runs = {run.id: run for run in (trial(1, RunLife.DONE), Run("R2", RunOrder(("x",)), 1.0))}
    assert may_go_on(known["s"], trials_of("s", runs))
    ended = searched(known, SearchEnded("s", "enough"))
    assert not may_go_on(ended["s"], trials_of("s", runs))
    assert searched(known, SearchEnded("other", "")) is known
    assert may_go_on(searched(ended, SearchBegun(search(2)))["s"], [])
