"""`acc tag`: words that agents are found by."""

from collections.abc import Sequence

import click

from command_center.cli.life import WAIT, carry_out
from command_center.cli.options import as_json, complete_agents, timeout_option
from command_center.domain.intents import Intent, Retag


# A tag to drop looks like an option: whatever is none of ours is a word.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument(
    "words", metavar="AGENT... [+TAG | -TAG]...", nargs=-1, shell_complete=complete_agents
)
@timeout_option(WAIT)
@as_json
def tag(words: Sequence[str], timeout: float, as_json: bool) -> None:
    """Give agents tags, or take tags away.

    `acc tag ada +api -old` gives ada the tag api and takes old away.
    """
    agents = [word for word in words if word[:1] not in ("+", "-")]
    add = tuple(word[1:] for word in words if word.startswith("+"))
    drop = tuple(word[1:] for word in words if word.startswith("-"))
    if not agents:
        raise click.UsageError("name an agent")
    if not add and not drop:
        raise click.UsageError("name a tag, as in +api or -api")

    def wanted(agent: str) -> Intent:
        return Retag(agent, add, drop)

    carry_out("tag", "tagged", agents, wanted, timeout, as_json)
