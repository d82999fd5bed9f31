"""A moment as a person writes it."""

import re
import time
from datetime import datetime

import click

_AGO = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


class When(click.ParamType[float]):
    """Unix seconds from `2h` ago, a time of today, or a date with or without a time."""

    name = "when"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        text = str(value).strip()
        if ago := _AGO.fullmatch(text):
            return time.time() - int(ago[1]) * _SECONDS[ago[2]]
        today = datetime.now().astimezone()
        dated = f"{today:%Y-%m-%d} {text}" if re.fullmatch(r"\d{1,2}:\d{2}", text) else text
        if (at := next(filter(None, (_read(dated, form) for form in _FORMS)), None)) is None:
            self.fail(f"'{text}' is no time; write 2h, 14:30 or 2026-01-31", param, ctx)
        return at


def _read(text: str, form: str) -> float | None:
    try:
        return datetime.strptime(text, form).astimezone().timestamp()
    except (ValueError, OverflowError):
        return None
