"""The top line: who we are, how the fleet fares, and whether anything is wrong with us."""

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.style import Style

from command_center.domain.budgets import AGENT, Level, titled
from command_center.domain.decisions import undecided_count
from command_center.domain.layouts import FLEET, Group, Layout, Only
from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.figures import Part, per_second
from command_center.tui.lines import PartsLine
from command_center.tui.sieve import Sieve, Standing
from command_center.tui.supervision import Health

if TYPE_CHECKING:
    from command_center.domain.gauges import CatchUp

NAME = "Command Center"


class Figures(Struct, frozen=True):
    """What the top line tells of usage; whatever is empty or 0 is left out."""

    spent: str = ""
    """What was spent today, in words."""
    waits: str = ""
    """Who waits, and what that costs, in words."""
    rate: float = 0.0
    """Output tokens per second of the whole fleet, in the last minute."""
    catch_up: "CatchUp | None" = None


class Header(PartsLine):
    DROPS_WHOLE = True

    def show(
        self,
        fleet: Fleet,
        sieve: Sieve,
        health: Health,
        vitals: str,
        figures: Figures,
        layout: Layout = FLEET,
    ) -> None:
        """`vitals` is empty when nobody asked for them."""
        counted = _counts(fleet, sieve)
        # A narrow line has no room for both the name and the counts.
        name = NAME if self.app.size.width >= 100 or not counted else "acc"
        right = [
            *_decisions(fleet),
            *_filters(fleet, sieve, layout),
            *_budgets(fleet),
            *_own(health, vitals),
            *_layout(layout),
            (" ", theme.PLAIN),
        ]
        left = [*counted, *_runs(fleet), *_only_repo(fleet), *_bill(figures)]
        self.put([(f" {name}", theme.BRAND), *left], right)


def _decisions(fleet: Fleet) -> list[Part]:
    """Tasks that wait for a word of the user."""
    if not (count := undecided_count(fleet)):
        return []
    click = Style(meta={"@click": "app.act('inbox')"})
    words = "1 task waits" if count == 1 else f"{count} tasks wait"
    return [(f"  {words} for you", theme.UNSEEN + click)]


def _runs(fleet: Fleet) -> list[Part]:
    """Those that hold a lease; the others are told in the list."""
    if not (count := sum(run.life.holds_lease for run in fleet.runs.values())):
        return []
    click = Style(meta={"@click": "app.act('runs')"})
    return [(f"  {count} run{'s' if count > 1 else ''}", theme.KEY + click)]


def _bill(figures: Figures) -> list[Part]:
    said = [
        (figures.waits, theme.UNSEEN),
        (per_second(figures.rate), theme.TREND),
        (figures.spent, theme.QUIET),
        (_read(figures.catch_up), theme.QUIET),
    ]
    return [(f"  {text}", style) for text, style in said if text]


def _read(catch_up: "CatchUp | None") -> str:
    if catch_up is None or not catch_up.all:
        return ""
    return f"reading older transcripts {min(1, catch_up.done / catch_up.all):.0%}"


def _counts(fleet: Fleet, sieve: Sieve) -> list[Part]:
    counts = Counter(
        agent.state for agent in fleet.agents.values() if sieve.repo in ("", agent.order.repo)
    )
    return [
        (f"  {look.glyph} {counts[state]} {state}", look.style)
        for state, look in theme.LOOKS.items()
        if counts[state]
    ]


def _only_repo(fleet: Fleet) -> list[Part]:
    """Several have head lines in the list."""
    used = {agent.order.repo for agent in fleet.agents.values()}
    names = [fleet.repos[repo].name for repo in used if repo in fleet.repos]
    return [(f"  in {one_line(names[0], 24)}", theme.QUIET)] if len(used) == len(names) == 1 else []


def _filters(fleet: Fleet, sieve: Sieve, layout: Layout) -> list[Part]:
    said = list[str]()
    if sieve.standings:
        said.append(f"only {' or '.join(each for each in Standing if each in sieve.standings)}")
    if sieve.repo:
        repo = fleet.repos.get(sieve.repo)
        said.append(f"in {one_line(repo.name if repo else sieve.repo, 24)}")
    if sieve.task:
        said.append(f"on “{one_line(sieve.task, 24)}”")
    if sieve.tag:
        said.append(f"#{one_line(sieve.tag, 24)}")
    if sieve.needle:
        said.append(f"/{one_line(sieve.needle, 24)}")
    if sieve.group not in (Group.REPOSITORY, layout.group):
        said.append(f"by {sieve.group}" if sieve.group is not Group.NONE else "ungrouped")
    return [(f"  {text}", theme.KEY) for text in said]


def _layout(layout: Layout) -> list[Part]:
    """The default goes without saying."""
    if layout == FLEET:
        return []
    some = [(" shows some only", theme.KEY)] if layout.only != Only() else []
    return [(f"  {one_line(layout.name, 24)}", theme.STRONG), *some]


def _budgets(fleet: Fleet) -> list[Part]:
    """The first that holds prompts, else the first that is nearly spent, and how many more do."""
    told = [
        budget
        for budget in fleet.budgets.values()
        if budget.cap and budget.level is not Level.OPEN and _is_ours(fleet, budget.scope)
    ]
    if not (some := [budget for budget in told if budget.is_held] or told):
        return []
    agent = fleet.agents.get(some[0].scope.removeprefix(AGENT))
    title = titled(some[0].scope, agent.name if agent else "")
    more = f" (+{len(some) - 1})" if some[1:] else ""
    if some[0].is_held:
        return [(f"  {theme.PROBLEM_GLYPH} {one_line(title)} is reached{more}", theme.PROBLEM)]
    return [(f"  {one_line(title)} is nearly reached{more}", theme.UNSEEN)]


def _is_ours(fleet: Fleet, scope: str) -> bool:
    """Not that of an agent that was removed."""
    return not scope.startswith(AGENT) or scope.removeprefix(AGENT) in fleet.agents


def _own(health: Health, vitals: str) -> list[Part]:
    parts: list[Part] = []
    if vitals:
        parts.append((f"  {vitals}", theme.QUIET))
    if health.is_problem:
        parts.append((f"  {theme.PROBLEM_GLYPH} {one_line(health.text, 80)}", theme.PROBLEM))
    elif health.text:
        parts.append((f"  {one_line(health.text, 60)}", theme.QUIET))
    return parts
