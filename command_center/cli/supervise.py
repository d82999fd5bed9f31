"""`acc supervise`: the one process that acts, here or in its own window."""

import click

from command_center.cli.codes import REFUSED
from command_center.cli.here import own_places
from command_center.cli.start import ensure_supervisor
from command_center.store.lock import supervisor_pid


@click.command()
@click.option(
    "--here/--detach",
    default=True,
    show_default=True,
    help="Run in this terminal, or in its window of the private tmux server.",
)
def supervise(here: bool) -> None:
    """Run the supervisor.

    The other commands start it themselves when they need it.
    """
    places = own_places()
    if not here:
        ensure_supervisor(places)
    if pid := supervisor_pid(places.lock):
        click.echo(f"the supervisor runs as process {pid}")
        return
    import asyncio
    import traceback

    from command_center.engine.supervisor import run

    try:
        code = asyncio.run(run(places))
    except OSError:
        # For whoever reads its window in the morning, where one line would not be enough.
        traceback.print_exc()
        code = REFUSED
    click.get_current_context().exit(code)
