"""Many runs out of one order."""

import pytest

from command_center.domain.runs import RunOrder
from command_center.domain.sweeps import axis_of, differences, seeds_of, swept, typed

ORDER = RunOrder(("train", "--batch", "${batch}"))


def test_every_combination_gets_every_seed() -> None:
    orders = swept(ORDER, {"lr": ("1e-3", "3e-4"), "batch": ("8",)}, (0, 1), sweep="s")
    assert [(o.command, o.seed) for o in orders] == [
        (("train", "--batch", "8", "--lr=1e-3"), 0),
        (("train", "--batch", "8", "--lr=1e-3"), 1),
        (("train", "--batch", "8", "--lr=3e-4"), 0),
        (("train", "--batch", "8", "--lr=3e-4"), 1),
    ]
    assert orders[0].config == {"lr": 0.001, "batch": 8}
    assert {o.sweep for o in orders} == {"s"}


def test_one_run_is_no_sweep() -> None:
    assert swept(ORDER, {}, sweep="s") == [ORDER]


def test_a_sample_is_the_same_for_the_same_draw() -> None:
    axes = {"a": tuple("12345"), "b": tuple("12345")}
    one = swept(ORDER, axes, (0, 1), most=3, draw=7)
    assert len(one) == 6
    assert one == swept(ORDER, axes, (0, 1), most=3, draw=7)
    assert one != swept(ORDER, axes, (0, 1), most=3, draw=8)


def test_seeds_are_ranges_and_lists() -> None:
    assert seeds_of("0..3") == (0, 1, 2, 3)
    assert seeds_of("7, 1..2,7") == (7, 1, 2)


@pytest.mark.parametrize("text", ["", "a", "3..1", "0..99999", "1.5"])
def test_bad_seeds_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"seed|literal"):
        seeds_of(text)


@pytest.mark.parametrize("text", ["lr", "=1", "lr=", "lr=1,,2", "a b=1"])
def test_bad_axes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not NAME=VALUE"):
        axis_of(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("-7", -7),
        ("true", True),
        ("relu", "relu"),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("9" * 30, "9" * 30),
        ("1_0", 10.0),
    ],
)
def test_values_are_numbers_where_they_can_be(text: str, value: object) -> None:
    assert repr(typed(text)) == repr(value)


def test_only_what_tells_runs_apart_is_a_difference() -> None:
    orders = swept(ORDER, {"lr": ("1", "2"), "batch": ("8",)})
    assert list(differences(orders)) == ["lr", "command"]
    assert differences(orders)["lr"] == [1, 2]
