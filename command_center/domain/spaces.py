"""What a search may choose from: read as it is written, drawn from, filled into an order."""

import math
import random
import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from command_center.domain.runs import RunOrder
from command_center.domain.searches import Axes, Axis, Choice, Range, Search, Value
from command_center.domain.sweeps import axis_of, typed, with_values

SEARCH_NAME = re.compile(r"(?![rR]?\d+$)[A-Za-z0-9_][\w.-]{0,59}")
"""None that could be a run's."""
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::(log|{_NUMBER}))?")
_WHOLE = re.compile(r"[-+]?\d+")


def space_of(texts: Iterable[str]) -> Axes:
    """`lr=1e-4..1e-2:log`, `layers=1..6`, `width=64..512:64`, `act=relu,gelu`.

    Raises ValueError.
    """
    axes: Axes = {}
    for text in texts:
        name, listed = axis_of(text)
        found = _RANGE.fullmatch(listed[0]) if len(listed) == 1 else None
        if name in axes:
            raise ValueError(f"'{name}' is there twice")
        axes[name] = _range(text, *found.groups()) if found else Choice(tuple(map(typed, listed)))
    if not axes:
        raise ValueError("a study needs a space, as in --space lr=1e-4..1e-2:log")
    return axes


def _range(text: str, first: str, last: str, how: str | None) -> Range:
    step = 0.0 if how in (None, "log") else float(how)
    is_whole = all(map(_WHOLE.fullmatch, (first, last, *([how] if step and how else []))))
    found = Range(float(first), float(last), is_whole, how == "log", step)
    if not -math.inf < found.low < found.high < math.inf:
        raise ValueError(f"'{text}' does not go up")
    if found.is_log and found.low <= 0:
        raise ValueError(f"'{text}' is logarithmic and has to begin above 0")
    if how and not found.is_log and not 0 < step <= found.high - found.low:
        raise ValueError(f"'{text}' has no step that fits")
    return found


def trial_of(search: Search, config: Mapping[str, Value]) -> RunOrder:
    """The order of one trial with these values."""
    texts = {name: value_text(value) for name, value in config.items()}
    return replace(with_values(search.order, texts), sweep=search.id)


def value_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def fits(config: Mapping[str, Value], axes: Axes) -> bool:
    """Whether a search over these axes could have chosen this."""
    return all(name in config and _fits(config[name], axis) for name, axis in axes.items())


def _fits(value: Value, axis: Axis) -> bool:
    if isinstance(axis, Choice):
        return value in axis.values
    if isinstance(value, bool | str) or not axis.low <= value <= axis.high:
        return False
    steps = (value - axis.low) / (axis.step or 1.0)
    return not (axis.step or axis.is_whole) or abs(steps - round(steps)) < 1e-6


def seed_of(search: Search, number: int) -> int:
    """Of one trial's chance, whoever asks for it and however often."""
    return random.Random(f"{search.draw} {search.id} {number}").getrandbits(32)


def drawn(search: Search, number: int) -> dict[str, Value]:
    """What chance gives trial `number`."""
    chance = random.Random(seed_of(search, number))
    return {name: _drawn(axis, chance) for name, axis in search.axes.items()}


def _drawn(axis: Axis, chance: random.Random) -> Value:
    if isinstance(axis, Choice):
        return chance.choice(axis.values)
    if axis.is_log:
        # Half a step more at both ends, so that the first and the last are as likely as others.
        more = 0.5 if axis.is_whole else 0.0
        low, high = math.log(axis.low - more), math.log(axis.high + more)
        number = min(axis.high, max(axis.low, math.exp(chance.uniform(low, high))))
        return round(number) if axis.is_whole else number
    if step := axis.step or float(axis.is_whole):
        number = axis.low + step * chance.randint(0, int((axis.high - axis.low) / step + 1e-9))
        return round(number) if axis.is_whole else number
    return chance.uniform(axis.low, axis.high)
