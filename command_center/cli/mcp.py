"""`acc mcp`: the tools that agents have of us. Their CLIs start it; see docs/mcp.md."""

import os

import click

from command_center.cli.here import own_places


@click.command()
def mcp() -> None:
    """Serve an agent's tools on standard input and output.

    Agents' CLIs start it; it knows the agent by the environment of its launch.
    """
    import asyncio

    from command_center.mcp.server import serve

    asyncio.run(serve(own_places(), os.environ))
