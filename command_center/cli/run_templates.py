"""`acc run templates`: what runs can be made from."""

import shlex
from pathlib import Path

import click

from command_center.cli.here import own_places, project_root
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table, problem
from command_center.cli.run_reports import RunTemplateReport
from command_center.domain.run_templates import RunTemplate
from command_center.store.run_templates import load_run_templates
from command_center.training.bundle import missing_module

_HEAD = ("TEMPLATE", "METRIC", "SEEDS", "NEEDS", "WHAT", "COMMAND")


@click.command("templates")
@as_json
def templates(as_json: bool) -> None:
    """Show what runs can be made from.

    Shipped ones, those of config.toml, and those of the project around the current folder.
    """
    found = load_run_templates(own_places(), project_root(Path.cwd()))
    reports = [_report(name, template) for name, template in found.by_name.items()]
    if as_json:
        for report in reports:
            print_json(report)
    else:
        print_table(_HEAD, [_row(report) for report in reports])
    for text in found.problems:
        problem(text)
    for module in dict.fromkeys(filter(None, (report.missing for report in reports))):
        names = " and ".join(report.name for report in reports if report.missing == module)
        problem(f"{names}: no {module} here; `pip install 'command-center[train]'`")


def _report(name: str, template: RunTemplate) -> RunTemplateReport:
    return RunTemplateReport(
        name=name,
        about=template.about,
        command=tuple(shlex.split(template.command)),
        metric=template.metric,
        seeds=template.seeds,
        training=template.training,
        missing=missing_module(template.training) if template.training else "",
    )


def _row(report: RunTemplateReport) -> tuple[str, ...]:
    needs = f"{report.missing} (missing)" if report.missing else ""
    command = shlex.join(report.command)
    return (report.name, report.metric, report.seeds, needs, report.about, command)
