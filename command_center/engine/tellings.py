"""What hooks tell of plan windows and context, for those who count."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from command_center.domain.specs import AgentSpec, Told
from command_center.domain.usage import Context, RateWindow, SessionSeen, Source
from command_center.engine.meanings import value_at
from command_center.engine.recipes import config_dir

GREATEST = 1e12
"""More tokens, or a later second, is nothing that a CLI tells."""


class Telling(Struct, frozen=True):
    source: Source
    seen: SessionSeen
    windows: tuple[RateWindow, ...]


def telling(
    spec: AgentSpec, session: str, fields: dict[str, object], environ: Mapping[str, str]
) -> Telling | None:
    """None when the payload says nothing of it."""
    if spec.usage is None or (told := spec.usage.told) is None:
        return None
    used = _number(fields, told.context)
    window = _number(fields, told.window)
    context = Context(int(used), int(window or 0)) if used else None
    windows = tuple(_windows(told, fields))
    if not (context or windows):
        return None
    config = str(config_dir(spec, environ)) if spec.config_dir else ""
    return Telling(Source(spec.id, config), SessionSeen(session, context=context), windows)


def _windows(told: Told, fields: dict[str, object]) -> Iterator[RateWindow]:
    for each in told.windows:
        used, resets_at = _number(fields, each.used), _number(fields, each.resets_at)
        if used is not None and resets_at is not None:
            yield RateWindow(each.minutes, used, resets_at)


def _number(fields: dict[str, object], path: str) -> float | None:
    value = value_at(fields, path) if path else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= GREATEST else None
