"""Many runs out of one order: every combination of the values that were given, for every seed."""

import itertools
import random
import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from command_center.domain.runs import RunOrder

Value = str | int | float | bool
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
_AXIS = re.compile(r"[A-Za-z_][\w.-]*")
MOST_SEEDS = 1000
LARGEST = 2.0**63


def seeds_of(text: str) -> tuple[int, ...]:
    """`0..3`, `1,5` or `0..3,7`. Raises ValueError."""
    found: list[int] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        if (span := _RANGE.fullmatch(part)) is None:
            found.append(int(part))
            continue
        first, last = int(span[1]), int(span[2])
        if not 0 <= last - first < MOST_SEEDS:
            raise ValueError(f"'{part}' is no range of up to {MOST_SEEDS} seeds")
        found += range(first, last + 1)
    if not found:
        raise ValueError("no seeds")
    return tuple(dict.fromkeys(found))


def axis_of(text: str) -> tuple[str, tuple[str, ...]]:
    """`lr=1e-3,3e-4` as name and values. Raises ValueError."""
    name, equals, values = text.partition("=")
    listed = tuple(dict.fromkeys(value.strip() for value in values.split(",")))
    if not equals or not _AXIS.fullmatch(name) or not all(listed):
        raise ValueError(f"'{text}' is not NAME=VALUE,VALUE")
    return name, listed


def swept(
    order: RunOrder,
    axes: Mapping[str, Sequence[str]],
    seeds: Sequence[int] = (),
    *,
    most: int = 0,
    draw: int = 0,
    sweep: str = "",
) -> list[RunOrder]:
    """The orders; seeds vary fastest, so that the same settings stand side by side.

    `most` takes so many of the combinations at random, the same ones for the same `draw`; each of
    them gets every seed.
    """
    combinations = [
        dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())
    ]
    if 0 < most < len(combinations):
        chosen = sorted(random.Random(draw).sample(range(len(combinations)), most))
        combinations = [combinations[number] for number in chosen]
    orders = [
        replace(with_values(order, chosen), seed=seed)
        for chosen in combinations
        for seed in (seeds or (order.seed,))
    ]
    return [replace(o, sweep=sweep) for o in orders] if len(orders) > 1 else orders


def with_values(order: RunOrder, chosen: Mapping[str, str]) -> RunOrder:
    """Its command with the values: where it says `${lr}`, or else as `--lr=1e-3` behind it."""
    words, behind = order.command, list[str]()
    for name, value in chosen.items():
        place = f"${{{name}}}"
        if any(place in word for word in words):
            words = tuple(word.replace(place, value) for word in words)
        else:
            behind.append(f"--{name}={value}")
    config = {**order.config, **{name: typed(value) for name, value in chosen.items()}}
    return replace(order, command=(*words, *behind), config=config)


def typed(text: str) -> Value:
    """A number or a truth where the text is one that every format can hold."""
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    if not abs(number) < LARGEST:
        return text
    return int(text) if text.lstrip("+-").isdecimal() else number


def differences(orders: Sequence[RunOrder]) -> dict[str, list[Value | None]]:
    """What tells the orders apart, one value for each; what all have in common is left out."""
    columns: dict[str, list[Value | None]] = {}
    names = dict.fromkeys(name for order in orders for name in order.config)
    for name in names:
        columns[name] = [order.config.get(name) for order in orders]
    columns["seed"] = [order.seed for order in orders]
    columns["commit"] = [order.commit[:10] for order in orders]
    columns["command"] = [" ".join(order.command) for order in orders]
    columns["executor"] = [order.executor for order in orders]
    for name in dict.fromkeys(name for order in orders for name in order.env):
        columns[f"${name}"] = [order.env.get(name) for order in orders]
    return {name: values for name, values in columns.items() if len(set(map(repr, values))) > 1}
