"""Turning, choosing and saving layouts."""

import asyncio
import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from command_center.domain.layouts import Layout, Part, Region
from command_center.domain.text import one_line
from command_center.store.habits import read_habits, write_habits
from command_center.store.layouts import Layouts, load_layouts, save_layout
from command_center.tui.columns import DEFAULT
from command_center.tui.picking import as_only

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter


class Arrangements:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._known: Layouts | None = None

    async def turn(self) -> None:
        """Show the next layout; after the last one comes the first."""
        ids = list((await self._layouts()).by_id)
        now = self._app.body.arrangement.id
        at = ids.index(now) + 1 if now in ids else 0
        await self._use(ids[at % len(ids)])

    async def choose(self) -> None:
        from command_center.tui.dialogs.layouts import LayoutDialog, Saving

        # Files may have changed since.
        self._known = None
        found = await self._layouts()
        dialog = LayoutDialog(tuple(found.by_id.values()), self._app.body.arrangement.id)
        chosen = await self._app.push_screen_wait(dialog)
        if isinstance(chosen, Saving):
            await self._save(chosen.name)
        elif chosen is not None:
            await self._use(chosen)

    async def check(self) -> None:
        """Say which files cannot be used, and that the one that was asked for is not there."""
        for problem in (await self._layouts()).problems:
            self._app.crier.complain(f"{one_line(problem.text, 300)}; the others are there: V")

    async def _layouts(self) -> Layouts:
        if self._known is None:
            deck = self._app.deck
            self._known = await asyncio.to_thread(load_layouts, deck.places, deck.repo_root)
        return self._known

    async def _use(self, name: str) -> None:
        layout = (await self._layouts()).by_id[name]
        self._app.show_layout(layout)
        try:
            await asyncio.to_thread(self._remember, name)
        except OSError as error:
            self._app.crier.complain(f"the layout cannot be remembered: {error}")

    def _remember(self, name: str) -> None:
        deck = self._app.deck
        habits = read_habits(deck.places.habits).having_layout(deck.repo_root, name)
        write_habits(deck.places.habits, habits)

    async def _save(self, name: str) -> None:
        layout = self._present(name)
        try:
            file = await asyncio.to_thread(save_layout, self._app.deck.places, layout)
        except OSError as error:
            self._app.crier.complain(f"cannot save the layout: {error}")
            return
        self._known = None
        await self._use(layout.id)
        self._app.crier.tell(str(file), title="Saved")

    def _present(self, name: str) -> Layout:
        """What is on the screen now, filters and all."""
        app = self._app
        now, sieve = app.body.arrangement, app.fleet_list.sieve
        columns = tuple(app.fleet_list.columns)
        layout = replace(
            now,
            id=id_of(name),
            name=name,
            help="",
            group=sieve.group,
            only=as_only(sieve, app.fleet) if sieve.is_filtering else now.only,
            columns=() if columns == DEFAULT else tuple(map(str, columns)),
            shows_hidden=sieve.shows_hidden,
        )
        if app.body.is_zoomed:
            return replace(layout, body=Region(part=Part.PANE), narrow=None)
        return layout


def id_of(name: str) -> str:
    """A file name for a layout that a person calls `name`."""
    word = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:30].strip("-")
    return word if word[:1].isalpha() else f"l-{word}".strip("-")
