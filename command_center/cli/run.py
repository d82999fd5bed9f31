"""`acc run`: a command as an experiment, at a commit, in a lease of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.here import project_root
from command_center.cli.options import as_json
from command_center.cli.out import print_json, problem
from command_center.cli.run_options import Asked, named, orders_of, run_options, template_of
from command_center.cli.run_reports import run_report
from command_center.cli.run_study import StudyAsked, begin, search_of, study_options
from command_center.cli.run_table import print_runs
from command_center.cli.run_waiting import ANSWER_SECONDS, wait_until
from command_center.domain.errors import NotARepository
from command_center.domain.model import Fleet
from command_center.domain.run_intents import QueueRuns
from command_center.domain.runs import RunLife, RunOrder


class AskedOfRun(Asked, StudyAsked):
    pass


class WithTemplates(click.Command):
    """One whose first word may be `templates`; behind `--` that is a program like any other."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        if args[:1] != ["templates"]:
            return super().make_context(info_name, args, parent, **extra)
        from command_center.cli.run_templates import templates

        return templates.make_context(f"{info_name} templates", args[1:], parent, **extra)


@click.command(cls=WithTemplates)
@click.argument("command", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED)
@click.option("--repo", type=click.Path(path_type=Path), default=".", help="Where its code is.")
@click.option("--in-place", is_flag=True, help="Run in the folder as it is, without a checkout.")
@run_options
@study_options
@click.option("--wait", is_flag=True, help="Wait for the end; exit code 1 unless all went well.")
@as_json
def run(
    command: tuple[str, ...],
    repo: Path,
    in_place: bool,
    wait: bool,
    as_json: bool,
    **asked: Unpack[AskedOfRun],
) -> None:
    """Queue a command as a run, or many of them.

    It runs at a commit, in a checkout of its own, when it gets its devices. What it prints as
    `key: value` becomes its curves.
    """
    template = template_of(asked["template"], project_root(repo))
    if not command and template is None:
        raise click.UsageError("give a command, as in `acc run -- python train.py`")
    place, folder = _place(repo, in_place)
    orders = orders_of(command, asked, template, folder)
    if place and asked["base"] == "HEAD" and not asked["after"]:
        _say_what_is_left_out(Path(place))
    search = search_of(asked, orders, asked["sample_seed"])
    with Desk() as desk:
        if search is not None:
            begin(desk, search, place, wait, as_json)
            return
        carry_out(desk, named(desk.fleet, orders), place, wait, as_json)


def carry_out(
    desk: Desk, orders: Sequence[RunOrder], place: str, wait: bool, as_json: bool
) -> None:
    """Queue and print them; leaves with exit code 1 unless all went well."""
    ids = queue(desk, orders, place)
    if wait:
        wait_until(desk, lambda fleet: _are_over(fleet, ids), " ".join(ids))
    fleet = desk.fleet
    runs = [fleet.runs[identity] for identity in ids]
    if as_json:
        for each in runs:
            print_json(run_report(each, fleet, desk.places))
    else:
        print_runs(runs)
    if wait and any(each.life is not RunLife.DONE for each in runs):
        click.get_current_context().exit(REFUSED)


def queue(desk: Desk, orders: Sequence[RunOrder], place: str) -> list[str]:
    """The ids of the queued runs; leaves with exit code 1 when they were refused."""
    [asked] = desk.ask([QueueRuns(tuple(orders), place)])
    [answer] = desk.answers([asked], ANSWER_SECONDS)
    if answer.is_refused:
        problem(f"run refused: {answer.text}")
        click.get_current_context().exit(REFUSED)
    return answer.text.split()


def _say_what_is_left_out(folder: Path) -> None:
    """Raises GitError."""
    import asyncio

    from command_center.drivers.branches import changes

    if left := asyncio.run(changes(folder)):
        problem(f"{len(left)} uncommitted paths are not part of it; commit them, or --in-place")


def _are_over(fleet: Fleet, ids: Sequence[str]) -> bool:
    return all(fleet.runs[identity].life.is_over for identity in ids)


def _place(repo: Path, in_place: bool) -> tuple[str, str]:
    """The repository, and the folder to run in: the same one inside the checkout."""
    here = repo.resolve()
    if in_place:
        return "", str(here)
    root = project_root(here)
    if root is None:
        raise NotARepository(f"{here}: not in a git repository; --in-place runs it there as it is")
    inside = here.relative_to(root)
    return str(root), "" if inside == Path() else str(inside)
