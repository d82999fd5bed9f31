"""`acc web`: the dashboard in a browser, for whoever holds the link."""

import asyncio
import os
import shlex
import sys
from ipaddress import ip_address

import click

from command_center.domain.errors import NotFound

_MISSING = "`acc web` needs textual-serve; install it with `pip install 'command-center[web]'`"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8460, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--expose-beyond-loopback",
    "is_exposed",
    is_flag=True,
    help="Agree that others on the network reach it, unencrypted; needed for any other host.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME",
    help="Another host name under which a tunnel of yours brings it to a browser.",
)
def web(port: int, host: str, is_exposed: bool, names: tuple[str, ...]) -> None:
    """Serve the dashboard to a browser until Ctrl-C.

    Prints a link that works once; each use prints another.
    """
    if not (is_exposed or _is_loopback(host)):
        raise click.UsageError(
            f"{host} is reached from other machines, and whoever gets in runs commands as you; "
            "add --expose-beyond-loopback if that is what you want"
        )
    try:
        from command_center.cli.web_server import serve
    except ModuleNotFoundError as error:
        raise NotFound(_MISSING) from error
    # A browser is not in the tmux that we may be in.
    for name in ("TMUX", "TMUX_PANE"):
        os.environ.pop(name, None)
    asyncio.run(serve(_dashboard_command(), host, port, names, click.echo))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _dashboard_command() -> str:
    """For a shell. -P keeps a folder that is named like ours from being imported."""
    return shlex.join((sys.executable, "-P", "-m", "command_center.cli.entry"))
