"""`acc log`: what has happened, as it stands in the event log."""

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from command_center.cli.desk import POLL, Desk, pick
from command_center.cli.here import own_places
from command_center.cli.options import as_json, complete_agents
from command_center.cli.out import clock, print_json
from command_center.cli.reports import EventReport
from command_center.domain.chronicle import about_agent, details
from command_center.domain.events import Record
from command_center.domain.text import one_line


@click.command()
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many of the last events.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with new events until Ctrl-C.")
@click.option("--agent", metavar="AGENT", shell_complete=complete_agents, help="Only about this.")
@click.option(
    "--export",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write all of the log to a new FILE that `acc replay` plays; `-` prints it.",
)
@as_json
def log(lines: int, follow: bool, agent: str | None, export: Path | None, as_json: bool) -> None:
    """Print the last events of the log."""
    if export is not None:
        _export(export)
        return
    with Desk() as desk:
        subject = _known(desk, agent) if agent else ""
        for record in _last(desk, lines, subject):
            _print(desk, record, as_json)
        while follow:
            seen = desk.view.fleet.seq
            while desk.view.poll() is None:
                time.sleep(POLL)
            for record in desk.view.records(seen):
                if record.seq <= desk.view.fleet.seq and subject in ("", about_agent(record.event)):
                    _print(desk, record, as_json)


def _export(file: Path) -> None:
    from command_center.store.tape import LogTape, exported

    tape = LogTape(own_places().log)
    lines = exported(tape.records(0, len(tape.times)))
    if str(file) == "-":
        sys.stdout.buffer.writelines(lines)
        return
    # Prompts are in it: it is for nobody else, and takes the place of nothing.
    with open(file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.writelines(lines)
    click.echo(f"acc: {len(tape.times)} events are in {file}", err=True)


def _known(desk: Desk, name: str) -> str:
    """Id of an agent, a removed one included."""
    removed = [r.agent for r in desk.fleet.removals.values()]
    return pick([*desk.fleet.agents.values(), *removed], name).id


def _last(desk: Desk, count: int, subject: str) -> Iterator[Record]:
    newest = desk.fleet.seq
    # Numbers have no gaps, so the last ones can be read without the rest.
    records = desk.view.records(0 if subject else max(0, newest - count))
    kept = (r for r in records if r.seq <= newest and subject in ("", about_agent(r.event)))
    yield from deque(kept, maxlen=count)


def _print(desk: Desk, record: Record, as_json: bool) -> None:
    fields: dict[str, object] = msgspec.to_builtins(record.event)
    kind = str(fields.pop("type"))
    about = about_agent(record.event)
    report = EventReport(record.seq, record.at, kind, _name(desk, about) if about else "", fields)
    if as_json:
        print_json(report)
        return
    who = one_line(report.name)
    start = (f"{report.seq:>6}", clock(record.at), f"{who:<10}", kind)
    click.echo(" ".join((*start, *details(fields))))


def _name(desk: Desk, agent: str) -> str:
    fleet = desk.view.fleet
    if agent in fleet.agents:
        return fleet.agents[agent].name
    return fleet.removals[agent].agent.name if agent in fleet.removals else agent
