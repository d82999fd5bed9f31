"""`acc agent`: our own coding agent, in the terminal it is started in."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from command_center.cli.here import own_places
from command_center.domain.errors import LaunchError
from command_center.domain.niches import ModelChoice, Niche, Provider
from command_center.domain.specs import Mode
from command_center.store.settings import read_settings

if TYPE_CHECKING:
    from command_center.agent.talk import Model

MODES = click.Choice([mode.value for mode in Mode])
NICHES = frozenset(str(niche) for niche in Niche)
WINDOW = 128_000
"""Tokens that fit, for a model that nobody knows."""


@click.command()
@click.argument("prompt", nargs=-1)
@click.option(
    "--model",
    envvar="ACC_AGENT_MODEL",
    default="",
    help="NAME, openai:NAME, or a niche of [models] in config.toml.",
)
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

    Without --model it is ACC_AGENT_MODEL, or the workhorse of [models]. `openai:` stands for every
    server that speaks its API.
    """
    from command_center.agent.main import run
    from command_center.agent.session import Options

    if not sys.stdin.isatty():
        raise LaunchError("acc agent: needs a terminal; run it in a pane")
    if not re.fullmatch(r"[\w-]{0,80}", session):
        raise LaunchError("acc agent: a conversation's id has letters, digits, '-' and '_' only")
    choice = _choice(model, fallback, base_url, key_env, max_output)
    kept = folder or own_places().state / "agent"
    text = first or " ".join(prompt)
    run(Options(_model(choice, window), kept, session, Mode(mode), text, passed))


def _choice(model: str, fallback: str, base_url: str, key_env: str, max_output: int) -> ModelChoice:
    """What is said counts, then what is set. Raises LaunchError."""
    settings = read_settings(own_places().settings).models
    if model in NICHES:
        if (found := settings.choice(Niche(model))) is None:
            raise LaunchError(f"acc agent: [models] has no {model}; see docs/models.md")
        return found
    if not model and (found := settings.workhorse or settings.frontier) is not None:
        return found
    if not (model := model or fallback):
        raise LaunchError("acc agent: which model? Say --model, or set ACC_AGENT_MODEL")
    wire, colon, name = model.partition(":")
    # A name of its own may hold a colon, as tags of local models do.
    is_told = bool(colon) and wire in list(Provider)
    provider = Provider(wire) if is_told else Provider.ANTHROPIC
    return ModelChoice(provider, name if is_told else model, base_url, key_env, max_output)


def _model(choice: ModelChoice, window: int) -> "Model":
    from command_center.agent.talk import Model
    from command_center.drivers.prices import context_window

    return Model(
        choice.provider.value,
        choice.model,
        choice.base_url,
        choice.key,
        window or context_window(choice.model) or WINDOW,
        choice.max_output,
        choice.seconds,
    )
