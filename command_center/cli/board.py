"""`acc board`: what agents tell each other, how far they are, and which paths they reserved."""

from collections.abc import Iterator
from typing import TypeAlias, assert_never

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import clock, print_fields, print_json
from command_center.cli.reports import NoteReport, ProgressReport, ReservationReport
from command_center.domain.board import standing
from command_center.domain.model import Fleet

BoardReport: TypeAlias = NoteReport | ProgressReport | ReservationReport


@click.command()
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="Notes.")
@as_json
def board(last: int, as_json: bool) -> None:
    """Show the agents' shared board.

    Notes and messages oldest first, then how far each agent says it is, and reserved paths.
    """
    with Desk() as desk:
        desk.say_if_stale()
        reports = list(_reports(desk.fleet, last))
    for report in reports:
        if as_json:
            print_json(report)
        else:
            print_fields([_words(report)])
    if not reports and not as_json:
        click.echo("acc: nothing is on the board", err=True)


def _reports(fleet: Fleet, last: int) -> Iterator[BoardReport]:
    names = {agent.id: agent.name for agent in fleet.agents.values()}
    for post in fleet.board.posts[-last:]:
        yield NoteReport(post.agent, post.name, post.at, post.text, names.get(post.to, post.to))
    for agent, told in fleet.board.progress.items():
        if agent in names:
            yield ProgressReport(agent, names[agent], told.at, told.text, told.percent)
    for each in standing(fleet.board, fleet.agents):
        repo = fleet.repos.get(each.repo)
        yield ReservationReport(
            each.agent,
            names[each.agent],
            each.at,
            repo.root if repo else each.repo,
            each.patterns,
            each.reason,
        )


def _words(report: BoardReport) -> tuple[str, str]:
    match report:
        case NoteReport():
            to = f" to {report.to}" if report.to else ""
            return f"{clock(report.at)} {report.name}{to}", report.text
        case ProgressReport():
            share = f" ({report.percent} %)" if report.percent is not None else ""
            return f"{clock(report.at)} {report.name} is at", f"{report.text}{share}"
        case ReservationReport():
            why = f" ({report.reason})" if report.reason else ""
            return f"{clock(report.at)} {report.name} reserves", f"{' '.join(report.paths)}{why}"
        case _:
            assert_never(report)
