"""Figures in what a run prints: `key: value` lines and JSON lines. Everything else is talk."""

import json
import math
import re

from msgspec import Struct

STEP = "step"
MOST_FIGURES = 256
"""Different metrics of one run; more are a mistake of its own."""
LONGEST_LINE = 20_000
_KEY = r"[A-Za-z_][\w./@-]{0,79}"
_NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)"
_PAIR = re.compile(rf"({_KEY})\s*[:=]\s*({_NUMBER})(?=$|[\s,;|%])%?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;|]*")


class Point(Struct, frozen=True):
    """One value of one metric."""

    metric: str
    step: float | None
    """The `step` told with it, or the last one told before; None before the first."""
    value: float | None
    """None for one that is no finite number."""
    at: float = 0.0
    """Unix seconds at which it was read."""


def figures(line: str) -> dict[str, float]:
    """The numbers of one line of output; nothing for a line that holds anything else.

    `val_bpb: 2.94`, `step: 10 | loss: 0.5`, `{"step": 10, "train": {"loss": 0.5}}`.
    """
    text = line.strip()
    if not text or len(text) > LONGEST_LINE:
        return {}
    return _of_json(text) if text.startswith("{") else _of_pairs(text)


def points(lines: list[str], step: float | None, at: float) -> tuple[list[Point], float | None]:
    """Those of several lines, after `step`; and the last step that was told."""
    found: list[Point] = []
    for line in lines:
        told = figures(line)
        step = told.get(STEP, step)
        found += [Point(key, step, finite(value), at) for key, value in told.items()]
    return found, step


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _of_pairs(text: str) -> dict[str, float]:
    told, place = dict[str, float](), 0
    while place < len(text):
        found = _PAIR.match(text, place)
        if found is None:
            return {}
        told[found[1]] = float(found[2])
        gap = _BETWEEN.match(text, found.end())
        place = gap.end() if gap else found.end()
    return told


def _of_json(text: str) -> dict[str, float]:
    try:
        # Not msgspec: Python's own programs write NaN, which is no JSON.
        thing = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    told = dict[str, float]()
    for key, value in thing.items():
        inner = value.items() if isinstance(value, dict) else ()
        for name, number in ((key, value), *((f"{key}.{k}", v) for k, v in inner)):
            if isinstance(number, int | float) and not isinstance(number, bool):
                told[name] = _float(number)
    return told


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
