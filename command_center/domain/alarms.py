"""What somebody should know about the machine, as data: a figure, a bound, and for how long."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from msgspec import Meta, Struct

from command_center.domain.machine import GIB, StandingAlarm

_UNITS: dict[str, tuple[float, str]] = {
    "memory": (GIB, " GiB"),
    "available": (GIB, " GiB"),
    "swap": (GIB, " GiB"),
    "free": (GIB, " GiB"),
    "cpu": (0.01, " %"),
    "io": (0.01, " %"),
    "steal": (0.01, " %"),
    "use": (1.0, " %"),
    "memory_use": (1.0, " %"),
    "watts": (1.0, " W"),
    "celsius": (1.0, " °C"),
    "clock": (1.0, " MHz"),
}
"""By the last word of a figure's name: what one of the unit is in it, and how that is written."""


class Alarm(Struct, frozen=True, forbid_unknown_fields=True):
    """Stands as soon as its condition has held for `for_s`, until it does not hold any more."""

    id: str
    """One with the id of a shipped rule takes its place."""
    figure: str = ""
    """As `figures` names it; `*` stands for any GPU. Empty: the rule is switched off."""
    over: float | None = None
    """Holds above it, in the unit that is shown: percent, GiB, degrees Celsius, watts, MHz."""
    under: float | None = None
    for_s: Annotated[float, Meta(ge=0)] = 60.0
    queued: Annotated[int, Meta(ge=0)] = 0
    """Holds only while so many runs wait; for figures of a GPU, runs that want one."""
    text: str = "{what} at {value} for {time}{queue}"
    """What is said: {what}, {value}, {time} and {queue} are filled in."""

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the file."""
        if self.figure and (self.over is None) == (self.under is None):
            raise ValueError(f"alarm '{self.id}' needs either `over` or `under`")


SHIPPED = (
    Alarm("idle-gpu", "gpu.*.use", under=1.0, for_s=720.0, queued=1),
    Alarm(
        "hot-gpu", "gpu.*.hot", over=0.5, for_s=30.0, text="{what} slows down for heat, for {time}"
    ),
    Alarm(
        "low-memory",
        "memory.available",
        under=1.0,
        for_s=10.0,
        text="only {value} of memory is available",
    ),
    Alarm("full-disk", "disk.free", under=1.0, for_s=10.0, text="only {value} of the disk is free"),
)


class Waiting(Struct, frozen=True):
    """Runs in the queue of this machine."""

    runs: int = 0
    gpu_runs: int = 0


def rules(own: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """The shipped ones and the user's."""
    by_id = {rule.id: rule for rule in (*SHIPPED, *own)}
    return tuple(rule for rule in by_id.values() if rule.figure)


def conditions(
    all_rules: Iterable[Alarm],
    told: Mapping[str, float],
    waiting: Waiting,
    now: float,
    before: Mapping[str, StandingAlarm],
) -> dict[str, StandingAlarm]:
    """What holds now, by id, since when; `before` is the last answer."""
    found: dict[str, StandingAlarm] = {}
    for rule in all_rules:
        for name, value in _held(rule, told):
            runs = waiting.gpu_runs if name.startswith("gpu.") else waiting.runs
            if rule.queued and runs < rule.queued:
                continue
            what = name.rpartition(".")[0] if "*" in rule.figure else ""
            identity = f"{rule.id} {what}".strip()
            since = before[identity].since if identity in before else now
            text = _text(rule, name, value, now - since, runs if rule.queued else 0)
            found[identity] = StandingAlarm(identity, text, since)
    return found


def standing(
    all_rules: Iterable[Alarm], found: Mapping[str, StandingAlarm], now: float
) -> tuple[StandingAlarm, ...]:
    """Those that have held long enough."""
    patience = {rule.id: rule.for_s for rule in all_rules}
    return tuple(
        alarm
        for identity, alarm in found.items()
        if now - alarm.since >= patience[identity.partition(" ")[0]]
    )


def _held(rule: Alarm, told: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    for name, value in told.items():
        if name == rule.figure or ("*" in rule.figure and fnmatchcase(name, rule.figure)):
            shown = value / _unit(name)[0]
            if rule.over is not None and shown > rule.over:
                yield name, shown
            if rule.under is not None and shown < rule.under:
                yield name, shown


def _text(rule: Alarm, name: str, value: float, seconds: float, runs: int) -> str:
    words = name.split(".")
    filled = {
        "{what}": f"GPU {words[1]}" if words[0] == "gpu" else " ".join(words),
        "{value}": f"{value:.{1 if value < 10 and value % 1 else 0}f}{_unit(name)[1]}",
        "{time}": f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s",
        "{queue}": f" while {runs} run{'s are' if runs > 1 else ' is'} queued" if runs else "",
    }
    text = rule.text
    for word, value_of in filled.items():
        text = text.replace(word, value_of)
    return text


def _unit(name: str) -> tuple[float, str]:
    return _UNITS.get(name.rpartition(".")[2], (1.0, ""))
