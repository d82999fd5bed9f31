"""What the Usage screen shows: values, and the words and lines made of them. Pure."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from command_center.domain.budgets import Budget, Level, titled
from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.domain.usage import NOTHING, RateWindow, Tokens
from command_center.tui import theme
from command_center.tui.cells import fitted
from command_center.tui.figures import Part, meter, meter_style, short


class By(StrEnum):
    """What sums are told apart by."""

    AGENT = "agent"
    MODEL = "model"
    TASK = "task"
    REPOSITORY = "repo"


PERIODS: Mapping[int, str] = {1: "today", 7: "7 days", 30: "30 days"}
"""Days, today included."""
STEPS: Mapping[int, int] = {1: 900, 7: 3 * 3600, 30: 12 * 3600}
"""Seconds that one point of a plot stands for."""
STEP_WORDS: Mapping[int, str] = {1: "15 min", 7: "3 h", 30: "12 h"}


class Share(Struct, frozen=True):
    name: str
    tokens: Tokens = NOTHING
    messages: int = 0
    money: float | None = None
    """US dollars at list prices, without the tokens of `unpriced`; None when no price is known."""
    unpriced: tuple[str, ...] = ()
    """Models without a known price."""
    is_estimate: bool = False
    """Whether any of it is the CLI's guess."""


class Point(Struct, frozen=True):
    start: float
    """Unix seconds."""
    output: int
    money: float
    """US dollars; what has no known price is not in it."""


class PlanWindow(Struct, frozen=True):
    spec: str
    account: str
    """The CLI's configuration folder."""
    window: RateWindow


class Report(Struct, frozen=True):
    days: int
    since: float
    until: float
    """Unix seconds."""
    whole: Share
    shares: dict[By, tuple[Share, ...]]
    """The dearest first."""
    points: tuple[Point, ...] = ()
    """Oldest first; steps without any are missing."""
    windows: tuple[PlanWindow, ...] = ()


def rates(report: Report) -> tuple[list[float], list[float]]:
    """Starts of all steps of the period, and the output tokens per second in each."""
    step = STEPS[report.days]
    known = {point.start: point.output / step for point in report.points}
    return _filled(report, known)


def bill(report: Report) -> tuple[list[float], list[float]]:
    """Starts of all steps of the period, and the dollars spent until the end of each."""
    starts, each = _filled(report, {point.start: point.money for point in report.points})
    total, sums = 0.0, list[float]()
    for dollars in each:
        total += dollars
        sums.append(total)
    return starts, sums


def _filled(report: Report, known: Mapping[float, float]) -> tuple[list[float], list[float]]:
    step = STEPS[report.days]
    count = max(1, -(-int(report.until - report.since) // step))
    starts = [report.since + number * step for number in range(count)]
    return starts, [known.get(start, 0.0) for start in starts]


def money_words(share: Share) -> str:
    """Such as `$1.20`, `$1.20 + ?` or `unknown`; empty for nothing spent."""
    if not share.tokens:
        return ""
    if share.money is None:
        return "unknown"
    more = " + ?" if share.unpriced else ""
    return f"{'~' if share.is_estimate else ''}${share.money:,.2f}{more}"


def whole_parts(report: Report) -> list[Part]:
    whole = report.whole
    if not whole.tokens:
        return [(f" nothing was counted {_said(report.days)}", theme.QUIET)]
    said = [
        (f" {short(whole.tokens.total)} tokens", theme.STRONG),
        (f"  {money_words(whole)}", theme.STRONG),
        (f"  {whole.messages:,} messages", theme.QUIET),
    ]
    if whole.unpriced:
        models = ", ".join(one_line(model, 40) for model in whole.unpriced)
        said.append((f"  no price is known of {models}", theme.UNSEEN))
    return said


def _said(days: int) -> str:
    return "today" if days == 1 else f"in the last {days} days"


_HEADS = ("INPUT", "OUTPUT", "CACHE RD", "CACHE WR", "TOTAL")
_WIDE_HEADS = ("INPUT", "OUTPUT", "REASONING", "CACHE READ", "CACHE WRITE", "TOTAL", "MESSAGES")
_WIDE, _BARRED = 150, 110
"""Columns from which there is room for every digit and for more kinds, and for a bar."""
_BAR = 16


def table(shares: Sequence[Share], by: By, width: int) -> list[tuple[Part, ...]]:
    """A head line and one line for each share, `width` columns wide."""
    is_wide = width >= _WIDE
    heads = _WIDE_HEADS if is_wide else _HEADS
    cell, money = (14, 18) if is_wide else (9, 13)
    bar = _BAR + 2 if width >= _BARRED else 0
    name = max(8, width - 2 - cell * len(heads) - money - bar)
    shown = "repository" if by is By.REPOSITORY else str(by)
    head = fitted(shown.upper(), name) + "".join(f"{word:>{cell}}" for word in heads)
    lines: list[tuple[Part, ...]] = [((f" {head}{'MONEY':>{money}}", theme.QUIET),)]
    most = max((share.tokens.total for share in shares), default=0)
    for share in shares:
        figures = "".join(f"{figure:>{cell}}" for figure in _figures(share, is_wide))
        money_style = theme.UNSEEN if share.tokens and share.money is None else theme.PLAIN
        lines.append(
            (
                (f" {fitted(one_line(share.name, 200), name)}", theme.STRONG),
                (figures, theme.PLAIN),
                (f"{money_words(share):>{money}}", money_style),
                *(_bar(share.tokens.total / most) if bar and most else ()),
            )
        )
    return lines


def _figures(share: Share, is_wide: bool) -> list[str]:
    t = share.tokens
    if is_wide:
        kinds = (t.input, t.output, t.reasoning, t.cache_read, t.cache_write, t.total)
        return [f"{count:,}" for count in (*kinds, share.messages)]
    return [short(n) or "0" for n in (t.input, t.output, t.cache_read, t.cache_write, t.total)]


def _bar(share: float) -> tuple[Part, ...]:
    full, empty = meter(share, _BAR)
    return ("  ", theme.PLAIN), (full, theme.TREND), (empty, theme.QUIET)


def limit_lines(report: Report, fleet: Fleet, now: float) -> list[tuple[Part, ...]]:
    """Plan windows as gauges with the time of their reset, then budgets."""
    windows = sorted(report.windows, key=lambda each: (each.spec, each.window.minutes))
    accounts = {(each.spec, each.account) for each in windows}
    return [
        *(_window_line(each, now, _is_one_of_many(each, accounts)) for each in windows),
        *_budget_lines(fleet),
    ]


def _is_one_of_many(each: PlanWindow, accounts: Iterable[tuple[str, str]]) -> bool:
    return sum(spec == each.spec for spec, _ in accounts) > 1


def _window_line(each: PlanWindow, now: float, names_account: bool) -> tuple[Part, ...]:
    window = each.window
    account = f" {one_line(each.account, 40)}" if names_account else ""
    title = f" {one_line(each.spec, 20)}{account} {_length(window.minutes)}"
    if window.resets_at and window.resets_at <= now:
        told = f"reset at {clock_words(window.resets_at, now)}; nothing was told since"
        return (fitted(title, 22), theme.PLAIN), (f"  {told}", theme.QUIET)
    full, empty = meter(min(1.0, window.used / 100), _BAR)
    style = meter_style(window.used / 100)
    resets = f"  resets {clock_words(window.resets_at, now)}" if window.resets_at else ""
    return (
        (fitted(title, 22) + "  ", theme.PLAIN),
        (full, style),
        (empty, theme.QUIET),
        (f" {window.used:3.0f}%", style),
        (resets, theme.QUIET),
    )


def _length(minutes: int) -> str:
    """Such as `5 h` or `7 d`."""
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def clock_words(at: float, now: float) -> str:
    """The local time of day; with the weekday, or the date, when it is not today."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%a %H:%M" if abs(at - now) < 6 * 86400 else "%Y-%m-%d %H:%M", then)


_LEVELS = {Level.OPEN: theme.QUIET, Level.WARNED: theme.UNSEEN, Level.HELD: theme.PROBLEM}


def _budget_lines(fleet: Fleet) -> Iterator[tuple[Part, ...]]:
    for scope, budget in sorted(fleet.budgets.items()):
        if budget.cap:
            agent = fleet.agents.get(scope.partition(":")[2])
            title = titled(scope, one_line(agent.name, 30) if agent else "")
            yield (f" {one_line(title, 60)}  ", theme.PLAIN), _budget_part(budget)


def _budget_part(budget: Budget) -> Part:
    held = "; prompts are held" if budget.is_held else ""
    words = budget.words or f"at most {budget.cap}"
    return f"{one_line(words, 120)}{held}", _LEVELS[budget.level]
