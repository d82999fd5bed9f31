"""`acc runs executors`: where runs may be carried out, and what there is."""

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.reports import Report
from command_center.domain.model import Fleet
from command_center.domain.runs import RunLife, Site
from command_center.store.settings import Settings, read_settings

_HEAD = ("EXECUTOR", "KIND", "CPUS", "GPUS", "QUEUED", "THERE", "PROBLEM")


class SiteReport(Report, frozen=True, tag="executor"):
    name: str
    backend: str
    cpus: int | None
    """None before a run was queued for it."""
    gpus: int | None
    queued: int
    """Runs that have no lease yet."""
    there: int
    """Runs that were handed over to it and are not over."""
    problem: str


@click.command()
@as_json
def executors(as_json: bool) -> None:
    """Show where runs may be carried out, and what there is."""
    with Desk() as desk:
        found = site_reports(desk.fleet, read_settings(desk.places.settings))
    if as_json:
        for report in found:
            print_json(report)
        return
    print_table(_HEAD, [_row(report) for report in found])


def site_reports(fleet: Fleet, settings: Settings) -> list[SiteReport]:
    kinds = {"local": "local"} | {
        name: str(table.get("kind", "")) for name, table in settings.executors.items()
    }
    return [_report(name, kind, fleet) for name, kind in kinds.items()]


def _report(name: str, kind: str, fleet: Fleet) -> SiteReport:
    runs = [run for run in fleet.runs.values() if run.order.executor == name]
    known = fleet.sites.get(name, Site())
    is_measured = bool(known.cpus)
    return SiteReport(
        name=name,
        backend=kind,
        cpus=known.cpus if is_measured else None,
        gpus=known.gpus if is_measured else None,
        queued=sum(run.life is RunLife.QUEUED for run in runs),
        there=sum(run.life.holds_lease for run in runs),
        problem=known.problem,
    )


def _row(report: SiteReport) -> tuple[str, ...]:
    cpus, gpus = ("?" if n is None else str(n) for n in (report.cpus, report.gpus))
    counts = (str(report.queued), str(report.there))
    return (report.name, report.backend, cpus, gpus, *counts, report.problem)
