"""`acc doctor`: what stands in the way, and the command to run about it."""

from collections.abc import Callable, Iterator

import click

from command_center.cli.codes import REFUSED
from command_center.cli.here import own_places
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.reports import Finding
from command_center.domain.places import Places


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check what stands in the way.

    That is tmux, git, the agent CLIs, our folders and what was left behind.
    A problem does not work; a note is something you may want to know.
    """
    findings = list(examined(own_places()))
    if as_json:
        for finding in findings:
            print_json(finding)
    else:
        head = ("LEVEL", "AREA", "FINDING")
        print_table(head, [(f.level, f.area, _told(f)) for f in findings])
    if any(finding.level == "problem" for finding in findings):
        click.get_current_context().exit(REFUSED)


def examined(places: Places) -> Iterator[Finding]:
    """All findings, in a stable order."""
    from command_center.cli import checks, checks_clis, checks_left, checks_models

    looks: tuple[Callable[[Places], list[Finding]], ...] = (
        checks.interpreter,
        checks.tmux,
        checks.git,
        checks.folders,
        checks.disk,
        checks.gpus,
        checks.configuration,
        checks.supervisor,
        checks_clis.clis,
        checks_models.model_choices,
        checks_left.windows,
        checks_left.worktrees,
        checks_left.trash,
        checks_left.unread,
    )
    for look in looks:
        yield from look(places)


def _told(finding: Finding) -> str:
    return f"{finding.text}; next: {finding.next}" if finding.next else finding.text
