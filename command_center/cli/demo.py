"""`acc demo`: a small repository and four demo agents, the picture a newcomer sees first."""

import shutil
from pathlib import Path

import click

from command_center.cli import demo_repository
from command_center.cli.codes import REFUSED
from command_center.cli.dashboard import open_dashboard
from command_center.cli.desk import Desk
from command_center.cli.launch import ask_for
from command_center.cli.life import ask_for_each
from command_center.cli.options import timeout_option
from command_center.cli.out import problem
from command_center.domain.errors import IntentError, NotFound
from command_center.domain.intents import Intent, Launch, Remove
from command_center.domain.model import Agent
from command_center.domain.text import one_line

TASKS = (
    ("Describe the two recipes in one sentence each", "full"),
    ("Add a recipe for pancakes", "full"),
    ("Convert the oven temperatures to Fahrenheit", "ask"),
    ("Check that no ingredient is listed twice", "ask"),
)
"""Prompt and permission mode of each agent: `ask` asks before it runs its check."""


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Where to make the repository."
)
@click.option("--dashboard/--no-dashboard", default=True, show_default=True)
@click.option("--clean", is_flag=True, help="Remove the demo agents and the demo repository.")
@timeout_option(120)
def demo(folder: Path | None, dashboard: bool, clean: bool, timeout: float) -> None:
    """Show four demo agents at work.

    No model and no key is used.
    """
    with Desk() as desk:
        root = (folder or desk.places.data / "demo").absolute()
        if clean:
            _clean(desk, root, timeout)
            return
        if there := _agents_of(desk, root):
            click.echo(f"The demo in {root} goes on with its {len(there)} agents.")
        else:
            _launch(desk, root, timeout)
    if dashboard:
        click.get_current_context().exit(open_dashboard(folder=root))


def _launch(desk: Desk, root: Path, timeout: float) -> None:
    demo_repository.create(root)
    click.echo(f"Four demo agents (no model) work in {root}, each in a worktree of its own.")
    wanted = [Launch("demo", str(root), task, mode=mode) for task, mode in TASKS]
    _explain(desk, ask_for(desk, wanted, timeout))


def _explain(desk: Desk, ids: list[str]) -> None:
    asking = [a.name for i in ids if (a := desk.fleet.agents.get(i)) and a.order.mode == "ask"]
    click.echo(f"{' and '.join(asking)} will ask before running a command: press y in the pane")
    click.echo(f"(in the dashboard, or by `acc attach {asking[0]}`). All finish within a minute.")
    click.echo("`acc demo --clean` removes them and the repository.")


def _clean(desk: Desk, root: Path, timeout: float) -> None:
    """The agents by the clean-up law, and then the repository, which is ours to throw away."""
    if not demo_repository.is_ours(root):
        raise NotFound(f"{one_line(str(root))}: no repository made by `acc demo` is there")
    agents = _agents_of(desk, root)
    if others := [a.name for a in agents if a.order.spec != "demo"]:
        raise IntentError(f"{root}: {' and '.join(others)} work there too; remove them first")
    # The branches stay in the repository, so what was committed is never what is lost.
    are_gone = ask_for_each(desk, "remove", "removed", agents, _removal, timeout)
    if changed := demo_repository.changes(root):
        problem(f"{root}: not removed, as it has changes of yours: {changed}")
    elif are_gone:
        shutil.rmtree(root)
        click.echo(f"{root} removed")
        return
    click.get_current_context().exit(REFUSED)


def _removal(agent: str) -> Intent:
    return Remove(agent, keeps_branch=True)


def _agents_of(desk: Desk, root: Path) -> list[Agent]:
    fleet = desk.fleet
    repos = {repo.id for repo in fleet.repos.values() if Path(repo.root) == root.resolve()}
    return [agent for agent in fleet.agents.values() if agent.order.repo in repos]
