"""`acc broadcast`: one prompt for several agents, as an act of its own."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.life import ask_for_each
from command_center.cli.options import as_json, complete_agents, timeout_option
from command_center.cli.prompts import read_prompt
from command_center.domain.errors import NotFound
from command_center.domain.intents import Intent, Send
from command_center.domain.model import Agent
from command_center.domain.text import one_line
from command_center.domain.workers import why_not_free

WAIT = 60.0


@click.command()
@click.argument("words", metavar="[AGENT]... [TEXT|-]", nargs=-1, shell_complete=complete_agents)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the prompt from FILE.")
@click.option("--all-idle", is_flag=True, help="To every agent that has nothing to do.")
@click.option("-y", "--yes", "is_sure", is_flag=True, help="Do not ask before sending.")
@timeout_option(WAIT)
@as_json
def broadcast(
    words: Sequence[str],
    file: Path | None,
    all_idle: bool,
    is_sure: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Send one prompt to several agents.

    Each takes it when it may be typed, at its own cost; so it asks first.
    """
    names = list(words)
    text = names.pop() if file is None and names else None
    prompt = read_prompt(text, file)
    if not prompt.strip():
        raise click.UsageError("the prompt is empty; give TEXT, `-f FILE` or `-`")
    if all_idle == bool(names):
        raise click.UsageError("name the agents before the text, or give --all-idle")
    with Desk() as desk:
        agents = _idle(desk) if all_idle else _named(desk, names)
        _confirm(prompt, agents, is_sure)

        def wanted(agent: str) -> Intent:
            return Send(agent, prompt)

        all_done = ask_for_each(desk, "broadcast", "prompted", agents, wanted, timeout, as_json)
    if not all_done:
        click.get_current_context().exit(REFUSED)


def _named(desk: Desk, names: Sequence[str]) -> list[Agent]:
    agents = [desk.agent(name) for name in names]
    return list({agent.id: agent for agent in agents}.values())


def _idle(desk: Desk) -> list[Agent]:
    fleet = desk.fleet
    agents = [agent for agent in fleet.agents.values() if not why_not_free(fleet, agent)]
    if not agents:
        raise NotFound("no agent is idle with nothing to do; see `acc dispatch`")
    return sorted(agents, key=lambda agent: agent.name)


def _confirm(prompt: str, agents: Sequence[Agent], is_sure: bool) -> None:
    if is_sure:
        return
    names = ", ".join(agent.name for agent in agents)
    if not sys.stdin.isatty():
        raise click.UsageError(f"this prompts {len(agents)} agents ({names}); --yes agrees")
    click.echo(one_line(prompt, 200), err=True)
    click.confirm(f"Send this to {len(agents)} agents ({names})?", abort=True, err=True)
