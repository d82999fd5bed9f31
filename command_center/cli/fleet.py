"""`acc list` and `acc show`: the fleet as text."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import UNSET
from msgspec.structs import asdict

from command_center.cli.desk import Desk
from command_center.cli.options import agent_argument, as_json
from command_center.cli.out import age, clock, print_fields, print_json, print_table, problem
from command_center.cli.reports import AgentReport, agent_report
from command_center.cli.spending import Spent, spent_per_agent
from command_center.domain.board import standing
from command_center.domain.budgets import AGENT
from command_center.domain.errors import LogError
from command_center.domain.model import Agent, Diff, Fleet, Receipt, State
from command_center.domain.places import Places
from command_center.domain.task_life import on_agent
from command_center.domain.text import one_line
from command_center.store.catalog import load_catalog
from command_center.tui.rows import ordered

if TYPE_CHECKING:
    from command_center.domain.pace import Pace

_HEAD = ("NAME", "STATE", "FOR", "AGENT", "CHANGES", "BRANCH", "TASK")


@click.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([str(s) for s in State]),
    help="Only agents in this state; may be given again.",
)
@click.option("--removed", is_flag=True, help="Those that `acc undo` can bring back.")
@as_json
def list_agents(states: Sequence[str], removed: bool, as_json: bool) -> None:
    """List the agents, those that need you first."""
    with Desk() as desk:
        desk.say_if_stale()
        fleet = desk.fleet
        listed = [r.agent for r in fleet.removals.values()] if removed else fleet.agents.values()
        agents = [a for a in ordered(listed, {}) if not states or a.state in states]
        if as_json:
            spent, paces = _spent(desk), _paces(desk)
            for agent in agents:
                print_json(_report(fleet, agent, spent, paces))
        elif agents:
            badges = badges_of(desk.places, agents, fleet)
            rows = [_row(fleet, a, badges.get(a.order.spec, a.order.spec)) for a in agents]
            print_table(_HEAD, rows)
        elif not states and not removed:
            click.echo("acc: no agents; start one with `acc launch`", err=True)


def _spent(desk: Desk) -> dict[str, Spent]:
    """By the agent's id; a count that cannot be read is told, and hides nothing else."""
    try:
        return spent_per_agent(desk.places, desk.fleet)
    except LogError as error:
        problem(str(error))
        return {}


def _paces(desk: Desk) -> dict[str, "Pace"]:
    """By the agent's id; figures that cannot be read are told, and hide nothing else."""
    # Not at the top: a list for people does without.
    from command_center.cli.paces import paces_today

    try:
        return paces_today(desk.places, desk.fleet, time.time())
    except LogError as error:
        problem(str(error))
        return {}


def _report(
    fleet: Fleet, agent: Agent, spent: dict[str, Spent], paces: dict[str, "Pace"]
) -> AgentReport:
    return agent_report(
        fleet,
        agent,
        spent[agent.id].report if agent.id in spent else UNSET,
        asdict(paces[agent.id]) if agent.id in paces else UNSET,
    )


def badges_of(places: Places, agents: Sequence[Agent], fleet: Fleet) -> dict[str, str]:
    """Spec id → the words that must stand wherever such an agent is shown."""
    roots = {r.root for a in agents if (r := fleet.repos.get(a.order.repo)) and not r.is_bare}
    catalogs = [load_catalog(places, Path(root) if root else None) for root in ("", *sorted(roots))]
    return {s.id: s.badge for c in catalogs for s in c.specs.values() if s.badge}


def _row(fleet: Fleet, agent: Agent, spec: str) -> tuple[str, ...]:
    order, task = agent.order, on_agent(fleet.tasks.values(), agent.id)
    shown = (agent.name, said(agent, 50), age(agent.since), spec, changes(agent.diff), order.branch)
    return (*shown, f"{task.id} {task.brief.title}" if task else agent.task)


def said(agent: Agent, width: int = 0) -> str:
    """The state in words, the reason cut to `width` characters if given."""
    unseen = " (not seen yet)" if agent.is_unseen else ""
    reason = f": {one_line(agent.reason, width)}" if agent.reason else ""
    return f"{agent.state}{reason}{unseen}"


def changes(diff: Diff | None) -> str:
    if diff is None:
        return ""
    if diff.added or diff.removed:
        return f"+{diff.added} -{diff.removed}"
    return f"{diff.uncommitted} uncommitted" if diff.uncommitted else ""


@click.command()
@agent_argument
@as_json
def show(agent: str, as_json: bool) -> None:
    """Show everything known about one agent.

    Its prompts are told with the proof of how far each got.
    """
    with Desk() as desk:
        desk.say_if_stale()
        found = desk.agent(agent)
        spent, paces = _spent(desk), _paces(desk)
        if as_json:
            print_json(_report(desk.fleet, found, spent, paces))
            return
        badge = badges_of(desk.places, [found], desk.fleet).get(found.order.spec, "")
        print_fields(
            [
                *_identity(found, badge),
                *_work(found, desk.fleet),
                *_bill(spent.get(found.id)),
                *_day(paces.get(found.id)),
                *_limits(found, desk.fleet),
                *_told(found, desk.fleet),
            ]
        )
        for receipt in found.receipts:
            click.echo()
            print_fields(list(_receipt(receipt)))


def _identity(agent: Agent, badge: str) -> Iterator[tuple[str, str]]:
    order = agent.order
    yield "name", agent.name
    yield "id", agent.id
    yield "agent", f"{order.spec} ({badge})" if badge else order.spec
    yield "state", f"{said(agent)}, for {age(agent.since)}"
    if agent.asks is not None:
        yield "asks", agent.asks.text
        yield "choices", "\n".join(f"{n}. {words}" for n, words in enumerate(agent.asks.choices, 1))
    yield "said by", str(agent.source or "")
    yield "pane", agent.pane
    yield "process", str(agent.pid or "")
    yield "session", agent.session
    yield "transcript", agent.transcript
    yield "model", order.model
    yield "mode", order.mode
    yield "tags", " ".join(order.tags)


def _work(agent: Agent, fleet: Fleet) -> Iterator[tuple[str, str]]:
    order, diff = agent.order, agent.diff
    repo = fleet.repos.get(order.repo)
    yield "repository", repo.root if repo else order.repo
    yield "worktree", order.worktree
    yield "branch", order.branch
    yield "base", f"{order.base} {agent.base_commit[:12]}"
    if diff:
        yield "changes", f"{changes(diff) or 'none'} in {diff.files} files"
        yield "commits", f"{diff.ahead} since the base; {diff.uncommitted} paths uncommitted"
    yield "notes", "\n".join(agent.notes)
    task = on_agent(fleet.tasks.values(), agent.id)
    yield "at work on", f"{task.id} {task.brief.title}" if task else ""
    yield "task", order.prompt


def _limits(agent: Agent, fleet: Fleet) -> Iterator[tuple[str, str]]:
    budget = fleet.budgets.get(AGENT + agent.id)
    if budget is not None and budget.cap:
        words = budget.blind or budget.words
        yield "budget", f"{budget.cap}, {budget.level}{f': {words}' if words else ''}"
    if agent.order.comes_back:
        yield "at a limit", "goes on once when it ends"


def _told(agent: Agent, fleet: Fleet) -> Iterator[tuple[str, str]]:
    """What it says through its tools."""
    if (progress := fleet.board.progress.get(agent.id)) is not None:
        share = "" if progress.percent is None else f"{progress.percent} %: "
        yield "progress", f"{share}{progress.text}"
    held = (each for each in standing(fleet.board, fleet.agents) if each.agent == agent.id)
    yield "reserves", "\n".join(pattern for each in held for pattern in each.patterns)


def _bill(spent: Spent | None) -> Iterator[tuple[str, str]]:
    if spent is not None:
        t = spent.tokens
        yield (
            "tokens",
            f"{t.total:,}: {t.input:,} input, {t.cache_read:,} cache read, "
            f"{t.cache_write:,} cache write, {t.output:,} output",
        )
        yield "money", spent.shown_money


def _day(pace: "Pace | None") -> Iterator[tuple[str, str]]:
    if pace is not None:
        yield (
            "pace",
            f"{pace.now:.1f} tokens/s now, {pace.minute:.1f} in the last minute, "
            f"{pace.hour:.1f} in the last hour",
        )
        yield (
            "today",
            f"wrote in {pace.share:.1%} of the day; busy {pace.busy_s / 60:.0f} min, "
            f"waiting {pace.waiting_s / 60:.0f} min, idle {pace.idle_s / 60:.0f} min",
        )


def _receipt(receipt: Receipt) -> Iterator[tuple[str, str]]:
    yield "prompt", receipt.text
    yield "queued", clock(receipt.queued_at)
    yield "now", f"{receipt.delivery} at {clock(receipt.changed_at)}"
    yield "proof", receipt.proof
