"""`acc peek` and `acc attach`: an agent's pane, looked at from here."""

import os
from collections.abc import Sequence

import click

from command_center.cli.desk import Desk
from command_center.cli.options import agent_argument, as_json
from command_center.cli.out import print_json
from command_center.cli.reports import PeekReport
from command_center.domain.errors import IntentError, NotFound, TmuxError, TmuxMissing
from command_center.domain.model import Agent
from command_center.domain.places import Places
from command_center.domain.text import plain
from command_center.store.settings import read_settings


@click.command()
@agent_argument
@click.option("-n", "--lines", type=click.IntRange(min=1), help="Only the last lines.")
@as_json
def peek(agent: str, lines: int | None, as_json: bool) -> None:
    """Print what an agent's pane shows now."""
    with Desk() as desk:
        found = desk.agent(agent)
        shown = screen_of(desk.places.socket, found)
    shown = shown[-lines:] if lines else shown
    if as_json:
        print_json(PeekReport(found.id, found.name, tuple(shown)))
    else:
        for line in shown:
            click.echo(line)


@click.command()
@agent_argument
@click.option("--terminal", is_flag=True, help="In a new window of your terminal emulator.")
def attach(agent: str, terminal: bool) -> None:
    """Open an agent's pane in this terminal.

    C-b d leaves it running.
    """
    from command_center.drivers.glass import attach_argv
    from command_center.drivers.tmux_process import outside_tmux

    with Desk() as desk:
        argv = attach_argv(desk.places.socket, _pane(desk.agent(agent)))
    if terminal:
        _open_terminal(desk.places, argv)
        return
    try:
        os.execvpe(argv[0], argv, outside_tmux())
    except FileNotFoundError:
        raise TmuxMissing("tmux is not installed; `acc doctor` says how to get it") from None


def _open_terminal(places: Places, argv: Sequence[str]) -> None:
    from command_center.drivers.beside import open_terminal

    template = read_settings(places.settings).terminal
    if not template:
        raise NotFound(
            f'no terminal is configured; put `terminal = ["xterm", "-e", "{{command}}"]` '
            f"with your own into {places.settings}"
        )
    open_terminal(template, argv)


def _pane(agent: Agent) -> str:
    if agent.pane and agent.has_process:
        return agent.pane
    way_out = f"start it with `acc resume {agent.name}`" if agent.is_resumable else "try again soon"
    raise IntentError(f"{agent.name} is {agent.state} and has no pane; {way_out}")


def screen_of(socket: str, agent: Agent) -> list[str]:
    """Lines of the pane down to the last that is not blank. Raises IntentError, TmuxError."""
    import asyncio

    from command_center.drivers.tmux_process import asked

    pane = _pane(agent)
    done = asyncio.run(asked(socket, "capture-pane", "-p", "-t", pane))
    if done.code:
        raise TmuxError(f"tmux cannot show pane {pane}: {plain(done.output)}; see `acc doctor`")
    return [plain(line).rstrip() for line in done.output.rstrip().split("\n")]
