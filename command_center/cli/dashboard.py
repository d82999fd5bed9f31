"""`acc` alone: the dashboard, put together."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from command_center.cli.here import own_places, project_root
from command_center.cli.start import supervisor_ensured
from command_center.domain.model import Agent
from command_center.domain.places import Places
from command_center.store.inbox import Inbox
from command_center.store.lock import Presence
from command_center.store.settings import read_settings
from command_center.store.view import View

if TYPE_CHECKING:
    from command_center.cli.spending import TodaysSpending
    from command_center.store.catalog import Catalog
    from command_center.tui.app import CommandCenter


def open_dashboard() -> int:
    """Returns when the user leaves it, with an exit code; the agents go on."""
    places = own_places()
    view = View(places.log)
    presence = Presence(places.lock.parent)
    try:
        app = dashboard(places, view, Path.cwd())
        app.run()
    finally:
        view.close()
        presence.leave()
    return app.return_code or 0


def dashboard(places: Places, view: View, folder: Path) -> "CommandCenter":
    """The app as it would open in `folder`. The caller owns `view`. Raises SpecError."""
    from command_center.drivers.glass import Glass, attach_argv
    from command_center.tui.app import CommandCenter
    from command_center.tui.deck import Deck

    def catalog(root: Path | None) -> "Catalog":
        from command_center.store.catalog import load_catalog

        return load_catalog(places, root)

    async def start_supervisor() -> None:
        await supervisor_ensured(places)

    @cache
    def spending() -> "TodaysSpending":
        # At its first use: the first paint can do without.
        from command_center.cli.spending import TodaysSpending

        return TodaysSpending(places)

    def attach_command(agent: Agent) -> list[str]:
        return list(attach_argv(places.socket, agent.pane))

    deck = Deck(
        places=places,
        view=view,
        inbox=Inbox(places.inbox),
        glass=Glass(places.socket),
        catalog=catalog,
        repo_root=project_root(folder),
        start_supervisor=start_supervisor,
        attach_command=attach_command,
        spent_today=lambda fleet: spending()(fleet),
        settings=read_settings(places.settings),
    )
    return CommandCenter(deck)
