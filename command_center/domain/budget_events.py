"""What has happened to budgets: a part of the union in `events`."""

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from msgspec.structs import replace

from command_center.domain.budgets import Bill, Budget, Cap, Level, judge, titled
from command_center.domain.prompt_events import Happening


class BudgetSet(Happening, frozen=True):
    """An empty cap takes the limit away."""

    scope: str
    cap: Cap
    by: str
    since: str = ""
    """Local date; empty: as it was."""
    config: str | None = None
    """None: as it was."""
    stops: bool | None = None
    """None: as it was."""


class BudgetWarned(Happening, frozen=True):
    scope: str
    words: str
    period: str


class BudgetHeld(Happening, frozen=True):
    """From here on no prompt of the scope is sent."""

    scope: str
    words: str
    period: str


class BudgetReleased(Happening, frozen=True):
    """Nothing of the scope is held or warned of any more."""

    scope: str
    words: str = ""


class BudgetBlind(Happening, frozen=True):
    """It cannot be enforced, or not all of it."""

    scope: str
    reason: str


class BudgetStopIntended(Happening, frozen=True):
    """Logged before an agent's turn is interrupted: it happens once for each hold."""

    scope: str
    stopped: str
    """Id of the agent."""


BudgetEvent: TypeAlias = (
    BudgetSet | BudgetWarned | BudgetHeld | BudgetReleased | BudgetBlind | BudgetStopIntended
)


def budgeted(was: Budget | None, event: BudgetEvent, at: float) -> Budget | None:
    """The budget of the event's scope after it."""
    if isinstance(event, BudgetSet):
        return _set(was or Budget(event.scope, Cap()), event)
    if was is None:
        return None
    match event:
        case BudgetWarned():
            return replace(
                was, level=Level.WARNED, words=event.words, at=at, period=event.period, stopped=()
            )
        case BudgetHeld():
            return replace(
                was, level=Level.HELD, words=event.words, at=at, period=event.period, stopped=()
            )
        case BudgetReleased():
            return replace(was, level=Level.OPEN, words="", at=at, period="", stopped=())
        case BudgetBlind():
            return replace(was, blind=event.reason)
        case BudgetStopIntended():
            return replace(was, stopped=(*was.stopped, event.stopped))
        case _:
            assert_never(event)


def _set(was: Budget, event: BudgetSet) -> Budget:
    return replace(
        was,
        cap=event.cap,
        by=event.by,
        since=event.since or was.since,
        config=was.config if event.config is None else event.config,
        stops=was.stops if event.stops is None else event.stops,
        period="",
        blind="",
    )


def budget_news(budget: Budget, bill: Bill, period: str) -> Iterator[BudgetEvent]:
    """What there is to tell of `budget`. Each level is told once until the budget changes.

    What is held stays held while nothing but the spending changes: an average that falls again
    sends nothing on.
    """
    now = judge(budget.cap, bill)
    is_new = budget.period != period
    if budget.is_held and not is_new:
        return
    if (
        budget.level is not Level.OPEN
        and now.level is not budget.level
        and _falls(budget, now.level)
    ):
        yield BudgetReleased(budget.scope, now.words)
        is_new = True
    if now.level is Level.HELD:
        yield BudgetHeld(budget.scope, now.words, period)
    elif now.level is Level.WARNED and (is_new or budget.level is Level.OPEN):
        yield BudgetWarned(budget.scope, now.words, period)


def _falls(budget: Budget, level: Level) -> bool:
    ranks = list(Level)
    return ranks.index(level) < ranks.index(budget.level)


def budget_words(event: BudgetEvent, name: str) -> tuple[str, bool]:
    """What a person should read once, and whether it is a problem; empty for nothing."""
    title = titled(event.scope, name)
    match event:
        case BudgetWarned():
            return f"{title}: {event.words}", False
        case BudgetHeld():
            return f"{title} is reached: {event.words}; prompts are held until it is raised", True
        case BudgetReleased():
            return f"{title} lets prompts go on", False
        case BudgetBlind(reason=""):
            return "", False
        case BudgetBlind():
            return f"{title} cannot be kept: {event.reason}", True
        case _:
            return "", False
