"""`acc` alone: the dashboard, put together."""

import os
import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from command_center.cli.here import lacks_unicode, own_places, project_root
from command_center.cli.start import supervisor_ensured
from command_center.domain.layouts import FLEET, Layout
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.store.habits import Habits, read_habits
from command_center.store.inbox import Inbox
from command_center.store.lock import Presence
from command_center.store.settings import read_settings
from command_center.store.view import View

LAYOUTS = Path(".command-center") / "layouts"
"""Of a project, below its root."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from command_center.cli.spending import TodaysSpending
    from command_center.domain.plans import Proposal
    from command_center.domain.runs import Run
    from command_center.store.catalog import Catalog
    from command_center.store.gauges import GaugeView
    from command_center.store.machine import MachineView
    from command_center.tui.app import CommandCenter
    from command_center.tui.usage_report import Report, Share


def open_dashboard(layout: str = "", theme: str = "", folder: Path | None = None) -> int:
    """Returns when the user leaves it, with an exit code; the agents go on.

    `layout` and `theme` are names; without one, what was chosen last is shown. What is launched
    there works on the repository of `folder`, by default the present one. Raises SpecError.
    """
    places = own_places()
    if sys.stdout.isatty():
        # A terminal tells its size itself; these would be believed after every change of it.
        os.environ.pop("COLUMNS", None)
        os.environ.pop("LINES", None)
    view = View(places.log)
    presence = Presence(places.lock.parent)
    try:
        app = dashboard(places, view, folder or Path.cwd(), layout=layout, theme=theme)
        app.run()
    finally:
        view.close()
        presence.leave()
    return app.return_code or 0


def dashboard(
    places: Places, view: View, folder: Path, *, layout: str = "", theme: str = ""
) -> "CommandCenter":
    """The app as it would open in `folder`. The caller owns `view`. Raises SpecError."""
    from command_center.drivers.glass import Glass, attach_argv
    from command_center.tui.app import CommandCenter
    from command_center.tui.deck import Deck

    settings = read_settings(places.settings)
    root, habits = project_root(folder), read_habits(places.habits)
    deck = Deck(
        places=places,
        view=view,
        inbox=Inbox(places.inbox),
        glass=Glass(places.socket),
        catalog=partial(_catalog, places),
        own_command=own_command,
        repo_root=root,
        start_supervisor=lambda: supervisor_ensured(places),
        attach_command=lambda agent: list(attach_argv(places.socket, agent.pane)),
        gauges=partial(_gauges, places),
        machine=partial(_machine, places),
        usage=partial(_usage, places),
        task_costs=partial(_task_costs, places),
        plan=_plan,
        branches=_branches,
        left_out=_left_out,
        code_diff=_code_diff,
        spent_today=_spent_today(places),
        settings=settings,
        is_ascii=settings.ascii or lacks_unicode(os.environ),
        layout=_first_layout(places, root, layout, habits),
        theme=theme or _last_theme(habits),
        columns=habits.columns,
    )
    return CommandCenter(deck)


def _catalog(places: Places, root: Path | None) -> "Catalog":
    from command_center.store.catalog import load_catalog

    return load_catalog(places, root)


def own_command() -> str:
    """`acc`, or the path to it where it is not on PATH, as after `make run`."""
    from shlex import quote
    from shutil import which

    beside = Path(sys.argv[0]).with_name("acc")
    return "acc" if which("acc") or not beside.is_file() else quote(str(beside))


def _gauges(places: Places) -> "GaugeView":
    from command_center.store.gauges import GaugeView

    return GaugeView(places.gauges)


def _machine(places: Places) -> "MachineView":
    from command_center.store.machine import MachineView

    return MachineView(places.machine)


def _spent_today(places: Places) -> "Callable[[Fleet], str]":
    @cache
    def spending() -> "TodaysSpending":
        # At its first use: the first paint can do without.
        from command_center.cli.spending import TodaysSpending

        return TodaysSpending(places)

    return lambda fleet: spending()(fleet)


def _usage(places: Places, fleet: Fleet, days: int) -> "Report":
    from command_center.cli.usage_report import usage_report

    return usage_report(places, fleet, days)


def _task_costs(places: Places, fleet: Fleet) -> "Mapping[str, Share]":
    from command_center.cli.task_costs import task_costs

    return task_costs(places, fleet)


async def _plan(goal: str, repo: Path, niche: str) -> "Proposal":
    from command_center.cli.planning import proposed

    return await proposed(goal, repo, niche)


async def _branches(folder: Path) -> list[str]:
    from command_center.drivers.git import open_repository
    from command_center.drivers.refs import branches

    return await branches(await open_repository(folder))


async def _left_out(folder: Path) -> int:
    from command_center.drivers.branches import changes

    return len(await changes(folder))


async def _code_diff(fleet: Fleet, old: "Run", new: "Run") -> str:
    from command_center.cli.run_diff import code_diff

    return await code_diff(fleet, old, new)


def _last_theme(habits: Habits) -> str:
    """Empty when there is no such theme any more."""
    if not habits.theme:
        return ""
    from command_center.tui.themes import names

    return habits.theme if habits.theme in names() else ""


def _first_layout(places: Places, root: Path | None, wanted: str, habits: Habits) -> Layout:
    """Reads no file where the default was not changed: it would hold up the first paint."""
    name = wanted or habits.layout(root) or FLEET.id
    folders = [places.layouts] if root is None else [places.layouts, root / LAYOUTS]
    if name == FLEET.id and not any(folder.is_dir() for folder in folders):
        return FLEET
    from command_center.store.layouts import load_layouts

    found = load_layouts(places, root)
    return found.layout(name) if wanted else found.by_id.get(name, FLEET)
