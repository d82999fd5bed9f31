"""`acc agent`: our own coding agent, in the terminal it is started in."""

import sys
from pathlib import Path
from typing import Literal

import click

from command_center.cli.here import own_places
from command_center.domain.errors import LaunchError
from command_center.domain.specs import Mode

MODES = click.Choice([mode.value for mode in Mode])
WINDOW = 128_000
"""Tokens that fit, for a model that nobody knows."""


@click.command()
@click.argument("prompt", nargs=-1)
@click.option("--model", envvar="ACC_AGENT_MODEL", default="", metavar="[anthropic:|openai:]NAME")
@click.option("--fallback", default="", hidden=True)
@click.option("--base-url", envvar="ACC_AGENT_BASE_URL", default="", help="Of the model's server.")
@click.option(
    "--key-env", envvar="ACC_AGENT_KEY_ENV", default="", help="Variable that holds the key."
)
@click.option(
    "--window", envvar="ACC_AGENT_WINDOW", default=0, help="Tokens that fit into the model."
)
@click.option("--max-output", default=16_000, show_default=True, help="Tokens of one answer.")
@click.option("--mode", type=MODES, default="ask", help="What may be done without asking.")
@click.option("--session", "--resume", default="", metavar="ID", help="The conversation's id.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where conversations are kept.")
@click.option("--env", "passed", multiple=True, help="A variable that commands get too.")
@click.option("--prompt", "first", default="", help="The first prompt, word for word.")
def agent(
    prompt: tuple[str, ...],
    model: str,
    fallback: str,
    base_url: str,
    key_env: str,
    window: int,
    max_output: int,
    mode: str,
    session: str,
    folder: Path | None,
    passed: tuple[str, ...],
    first: str,
) -> None:
    """Work with our own coding agent on any model.

    Without --model it is ACC_AGENT_MODEL. `openai:` stands for every server that speaks its API.
    """
    from command_center.agent.main import run
    from command_center.agent.session import Options
    from command_center.agent.talk import Model

    if not sys.stdin.isatty():
        raise LaunchError("acc agent: needs a terminal; run it in a pane")
    wire, name = _split(model or fallback)
    chosen = Model(wire, name, base_url, key_env, window or _window(name), max_output)
    kept = folder or own_places().state / "agent"
    run(Options(chosen, kept, session, Mode(mode), first or " ".join(prompt), passed))


def _split(model: str) -> tuple[Literal["anthropic", "openai"], str]:
    wire, colon, name = model.partition(":")
    if not model:
        raise LaunchError("acc agent: which model? Say --model, or set ACC_AGENT_MODEL")
    if colon and wire == "openai":
        return "openai", name
    # A name of its own may hold a colon, as tags of local models do.
    return "anthropic", name if colon and wire == "anthropic" else model


def _window(name: str) -> int:
    from command_center.drivers.prices import context_window

    return context_window(name) or WINDOW
