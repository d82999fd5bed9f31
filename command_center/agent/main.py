"""Starts the agent in the terminal that standard input is."""

import asyncio

from command_center.agent.app import App
from command_center.agent.session import Options


def run(options: Options) -> None:
    """Returns when the user has left. The terminal's keyboard is ours until then."""
    asyncio.run(App(options).run())
