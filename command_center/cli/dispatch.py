"""`acc dispatch`: who hands out tasks, who is idle, and what would go where."""

from collections.abc import Iterator

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json, timeout_option
from command_center.cli.out import age, print_json, print_table
from command_center.cli.reports import AnswerReport
from command_center.cli.task_reports import (
    DispatchReport,
    PlacementReport,
    WorkerReport,
    agent_name,
)
from command_center.domain.errors import IntentError
from command_center.domain.model import Fleet, State
from command_center.domain.placement import in_turn
from command_center.domain.task_intents import SetDispatch
from command_center.domain.text import one_line
from command_center.domain.workers import why_not_free, why_not_offered

WAIT = 60.0
MODES = ("manual", "confirm", "automatic")
NEW = "new "
"""Before the spec of an agent that would be launched, in `Task.proposed`."""


@click.command()
@click.argument(
    "mode", metavar="[manual|confirm|automatic]", type=click.Choice(MODES), required=False
)
@click.option("--dry-run", is_flag=True, help="Only what would go where; nothing is set.")
@timeout_option(WAIT)
@as_json
def dispatch(mode: str | None, dry_run: bool, timeout: float, as_json: bool) -> None:
    """Show what would be handed to whom and why, or set who hands it out.

    manual: you do. confirm: you say yes to each. automatic: at once.
    """
    with Desk() as desk:
        if mode and not dry_run:
            _set(desk, mode, timeout, as_json)
            return
        desk.say_if_stale()
        fleet = desk.fleet
    places, workers = list(_placements(fleet)), [] if dry_run else list(_workers(fleet))
    if as_json:
        for report in ([] if dry_run else [DispatchReport(fleet.dispatch)], workers, places):
            for each in report:
                print_json(each)
        return
    if not dry_run:
        click.echo(f"mode  {fleet.dispatch}")
        _print_workers(workers)
    _print_placements(places)


def _set(desk: Desk, mode: str, timeout: float, as_json: bool) -> None:
    [answer] = desk.answers(desk.ask([SetDispatch(mode)]), timeout)
    if answer.is_refused:
        raise IntentError(answer.text)
    if as_json:
        print_json(AnswerReport("dispatch", False, text=answer.text))
    else:
        click.echo(f"mode  {answer.text}")


def _workers(fleet: Fleet) -> Iterator[WorkerReport]:
    """The idle ones, the longest idle first."""
    for agent in sorted(fleet.agents.values(), key=lambda agent: agent.since):
        if agent.state is State.IDLE:
            why = why_not_free(fleet, agent) or why_not_offered(fleet, agent)
            yield WorkerReport(agent.id, agent.name, agent.order.spec, agent.since, why)


def _placements(fleet: Fleet) -> Iterator[PlacementReport]:
    for task in in_turn(fleet.tasks):
        is_new = task.proposed.startswith(NEW)
        yield PlacementReport(
            task.id,
            task.brief.title,
            "" if is_new else agent_name(fleet, task.proposed),
            task.proposed.removeprefix(NEW) if is_new else "",
            task.reason,
        )


def _print_workers(workers: list[WorkerReport]) -> None:
    if not workers:
        click.echo("\nno agent is idle")
        return
    click.echo()
    rows = [(w.name, w.spec, age(w.idle_since), w.why_not or "can take a task") for w in workers]
    print_table(("IDLE", "AGENT", "FOR", "NOTE"), rows)


def _print_placements(places: list[PlacementReport]) -> None:
    if not places:
        click.echo("acc: no task is queued; add one with `acc task add`", err=True)
    for each in places:
        to = each.agent or (f"a new {each.spec}" if each.spec else "")
        where = (
            f"→ {to} because {each.reason}"
            if to
            else f"stays: {each.reason or 'not looked at yet'}"
        )
        click.echo(one_line(f"{each.task} {where}  ({each.title})"))
