"""A mouse whose every event comes to the app as from a terminal."""

from textual import events
from textual.geometry import Offset
from textual.pilot import Pilot

Place = tuple[int, int]


async def happen(
    pilot: Pilot[None], kind: type[events.MouseEvent], place: Place, button: int = 1
) -> None:
    x, y = place
    pilot.app.post_message(kind(None, x, y, 0, 0, button, False, False, False, x, y))
    await pilot.pause()


async def press(pilot: Pilot[None], place: Place) -> None:
    await happen(pilot, events.MouseDown, place)


async def pull(pilot: Pilot[None], place: Place) -> None:
    """With the button down."""
    await happen(pilot, events.MouseMove, place)


async def release(pilot: Pilot[None], place: Place) -> None:
    await happen(pilot, events.MouseUp, place)


async def drag(pilot: Pilot[None], start: Offset | Place, by: Place) -> None:
    """In two steps, as no hand moves at once."""
    (x, y), (dx, dy) = start, by
    await press(pilot, (x, y))
    await pull(pilot, (x + dx // 2, y + dy // 2))
    await pull(pilot, (x + dx, y + dy))
    await release(pilot, (x + dx, y + dy))


async def click(pilot: Pilot[None], place: Offset | Place, times: int = 1) -> None:
    x, y = place
    for _ in range(times):
        await press(pilot, (x, y))
        await release(pilot, (x, y))
