"""Runs by their names on the command line, with shell completion."""

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from command_center.cli.options import known_fleet
from command_center.domain.errors import NotFound
from command_center.domain.model import Fleet
from command_center.domain.run_words import title
from command_center.domain.runs import Run
from command_center.domain.text import one_line


def complete_runs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    del ctx, param
    return [
        CompletionItem(run.id, help=one_line(f"{run.life} {title(run)}", 60))
        for run in known_fleet().runs.values()
        if run.id.startswith(incomplete.upper())
    ]


run_argument = click.argument("name", metavar="RUN", shell_complete=complete_runs)
runs_argument = click.argument(
    "names", metavar="RUN...", nargs=-1, required=True, shell_complete=complete_runs
)


def pick_run(fleet: Fleet, name: str) -> Run:
    """By its id, in capitals or not, with its R or without. Raises NotFound."""
    number = name.strip().upper().removeprefix("#").removeprefix("R")
    if (found := fleet.runs.get(f"R{number}")) is not None:
        return found
    raise NotFound(f"no run '{one_line(name, 60)}'; see `acc runs`")


def pick_runs(fleet: Fleet, names: Sequence[str]) -> list[Run]:
    """Each once; the name of a sweep stands for all its runs. Raises NotFound."""
    found: list[Run] = []
    for name in names:
        swept = [run for run in fleet.runs.values() if run.order.sweep == name]
        found += swept or [pick_run(fleet, name)]
    return list({run.id: run for run in found}.values())
