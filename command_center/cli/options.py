"""Options and arguments that several commands share, with their shell completion."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from click.shell_completion import CompletionItem

from command_center.cli.here import own_places, project_root
from command_center.domain.errors import CommandCenterError
from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.store.view import View

F = TypeVar("F", bound=Callable[..., object])

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


def timeout_option(default: float) -> Callable[[F], F]:
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0),
        default=default,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for an answer.",
    )


def known_fleet() -> Fleet:
    """What the log says, for completion; an empty one when it cannot be read."""
    view = View(own_places().log)
    try:
        view.poll()
    except CommandCenterError:
        return Fleet()
    finally:
        view.close()
    return view.fleet


def complete_agents(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of the agents; for `undo`, of those that were removed."""
    del param
    fleet = known_fleet()
    removed = ctx.info_name == "undo"
    agents = [r.agent for r in fleet.removals.values()] if removed else list(fleet.agents.values())
    return [
        CompletionItem(a.name, help=one_line(f"{a.state} {a.task}", 60))
        for a in sorted(agents, key=lambda a: a.name)
        if a.name.startswith(incomplete)
    ]


def complete_specs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    del ctx, param
    from command_center.store.catalog import load_catalog

    specs = load_catalog(own_places(), project_root(Path.cwd())).specs.values()
    return [CompletionItem(s.id, help=s.name) for s in specs if s.id.startswith(incomplete)]


agent_argument = click.argument("agent", metavar="AGENT", shell_complete=complete_agents)
agents_argument = click.argument(
    "agents", metavar="AGENT...", nargs=-1, required=True, shell_complete=complete_agents
)
