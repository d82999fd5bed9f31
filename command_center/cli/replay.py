"""`acc replay`: the event log played back in the dashboard."""

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

import click

from command_center.cli.here import own_places
from command_center.cli.when import When
from command_center.domain.model import Agent
from command_center.domain.places import Places
from command_center.store.settings import Settings

if TYPE_CHECKING:
    from command_center.store.catalog import Catalog
    from command_center.store.replay import ReplayView

_QUIET_UP_TO = 50_000
"""Events that are read in the blink of an eye."""


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--since",
    type=When(),
    metavar="WHEN",
    help="Where to begin: 2h, 3d, 14:30, 2026-01-31 or '2026-01-31 14:30'.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 100_000),
    default=1.0,
    show_default=True,
    help="Seconds of the log in one second.",
)
@click.pass_context
def replay(ctx: click.Context, file: Path | None, since: float | None, speed: float) -> None:
    """Play FILE, or our own log, back in the dashboard.

    FILE is what `acc log --export FILE` wrote. Nothing can be changed from there.
    """
    from command_center.store.replay import ReplayView
    from command_center.store.tape import FileTape, LogTape, Tape

    places = own_places()
    tape: Tape = FileTape(file) if file is not None else LogTape(places.log)
    try:
        if len(tape.times) > _QUIET_UP_TO:
            click.echo(f"acc: reading {len(tape.times)} events…", err=True)
        view = ReplayView(tape, since=since or 0.0, speed=speed)
        view.prepare(bisect_right(tape.times, view.now))
        ctx.exit(_open(places, view))
    finally:
        tape.close()


def _open(places: Places, view: "ReplayView") -> int:
    from command_center.tui.deck import Deck
    from command_center.tui.replay import ReplayCenter

    def catalog(root: Path | None) -> "Catalog":
        from command_center.store.catalog import load_catalog

        return load_catalog(places, root)

    async def start_nothing() -> None:
        """A replay needs no supervisor."""

    def no_command(agent: Agent) -> list[str]:
        raise AssertionError(f"a replay opens no pane of {agent.id}")

    # The time that passes while the screen comes up is not to be missed.
    view.seek(view.now)
    deck = Deck(
        places=places,
        view=view,
        inbox=None,
        glass=None,
        catalog=catalog,
        repo_root=None,
        start_supervisor=start_nothing,
        attach_command=no_command,
        settings=Settings(bell=False),
        clock=lambda: view.now,
    )
    app = ReplayCenter(deck, view)
    app.run()
    return app.return_code or 0
