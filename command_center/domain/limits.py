"""When a limit ends, read from the words in which a CLI tells of it. Their text is untrusted."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

LONGEST = 40 * 86_400.0
"""Seconds; no plan's window is longer than a month, so a later time was no reset time."""
JUST_NOW = 300.0
"""Seconds after a time of day for which it still means today's."""
_READ = 2000

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}

_CUE = (
    r"\b(?:resets?|try again|retry(?:ing)?|until|available(?: again)?|renews?|continues?)\b"
    r"[^\d\n]{0,24}?"
)
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]\d)(?::[0-5]\d)?)?"
    r"\s*(?P<half>[ap])?(?:\.?m\b\.?)?"
)
_DATE = (
    rf"(?:(?P<month>{'|'.join(_MONTHS)})[a-z]*\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    r"(?:,? (?P<year>20\d\d))?(?:,| at)* )"
)
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(_DAYS)})[a-z]*(?:,| at)* )"

_EPOCH = re.compile(r"(?<![\d.])(?P<seconds>[12]\d{9})(?P<milli>\d{3})?(?![\d.])")
_ISO = re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?")
_STEP_WORDS = (
    r"(?P<{0}count>\d+(?:\.\d+)?|\ban?\b)\s*"
    r"(?P<{0}unit>d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])"
)
_STEP = re.compile(_STEP_WORDS.format(""), re.IGNORECASE)
_SPAN = re.compile(
    rf"\bin (?P<span>{_STEP_WORDS.format('first_')}"
    rf"(?:,?\s*(?:and )?{_STEP_WORDS.format('next_')})*)",
    re.IGNORECASE,
)
_DAY_TIME = re.compile(rf"{_CUE}(?:{_DATE}|{_WEEKDAY})?(?:at )?{_CLOCK}", re.IGNORECASE)
_ZONE = re.compile(r"\((?P<name>[A-Za-z_]+(?:/[A-Za-z_+-]+\d*){0,2})\)|\b(?P<utc>UTC|GMT)\b")


def reset_time(text: str, now: float, zone: tzinfo | None = None) -> float:
    """Unix seconds at which the limit that `text` tells of ends; 0 when it does not say.

    `now` is when it was said, in Unix seconds. A time of day is taken as the next one, in the
    zone that the text names, else in `zone`, else in the system's own.
    """
    text = text[:_READ]
    readers: tuple[Callable[[], float], ...] = (
        lambda: _span(text, now),
        lambda: _moment(text, zone),
        lambda: _day_time(text, now, _zone(text) or zone),
        lambda: _epoch(text),
    )
    for read in readers:
        try:
            found = read()
        except (ValueError, OverflowError, OSError):
            continue
        if now - JUST_NOW <= found <= now + LONGEST:
            return found
    return 0.0


def _span(text: str, now: float) -> float:
    match = _SPAN.search(text)
    steps = _STEP.finditer(match["span"]) if match else ()
    seconds = sum(_count(s["count"]) * _UNITS[s["unit"][0].lower()] for s in steps)
    return now + seconds if seconds else 0.0


def _count(word: str) -> float:
    return float(word) if word[0].isdigit() else 1.0


def _moment(text: str, zone: tzinfo | None) -> float:
    match = _ISO.search(text)
    if match is None:
        return 0.0
    moment = datetime.fromisoformat(match[0].replace(" ", "T"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _day_time(text: str, now: float, zone: tzinfo | None) -> float:
    match = _DAY_TIME.search(text)
    # A bare number is a count of something, not a time of day.
    if match is None or not (match["half"] or match["minute"]):
        return 0.0
    today = datetime.fromtimestamp(now, zone)
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    moment = today.replace(hour=hour, minute=int(match["minute"] or 0), second=0, microsecond=0)
    if match["month"]:
        return _on_date(moment, match, now)
    step = timedelta(days=1)
    if match["weekday"]:
        moment += timedelta((_DAYS.index(match["weekday"].lower()) - moment.weekday()) % 7)
        step = timedelta(days=7)
    return (moment if moment.timestamp() > now - JUST_NOW else moment + step).timestamp()


def _on_date(moment: datetime, match: re.Match[str], now: float) -> float:
    month, day = _MONTHS.index(match["month"].lower()) + 1, int(match["day"])
    dated = moment.replace(year=int(match["year"] or moment.year), month=month, day=day)
    is_past = not match["year"] and dated.timestamp() < now - JUST_NOW
    return (dated.replace(year=dated.year + 1) if is_past else dated).timestamp()


def _epoch(text: str) -> float:
    match = _EPOCH.search(text)
    return float(match["seconds"]) if match else 0.0


def _zone(text: str) -> tzinfo | None:
    match = _ZONE.search(text)
    if match is None:
        return None
    if match["utc"] or match["name"].upper() in ("UTC", "GMT"):
        return UTC
    try:
        return ZoneInfo(match["name"])
    except (KeyError, ValueError, OSError):
        return None
