"""What a key can do to one item of a list, a task or a run; hints and reasons come from it."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from rich.style import Style

from command_center.domain.model import Fleet
from command_center.tui import theme
from command_center.tui.figures import Part

T = TypeVar("T")


class ItemAction(Struct, Generic[T], frozen=True):
    id: str
    key: str
    """As Textual names it."""
    label: str
    why_not: Callable[[T, Fleet], str | None]
    """The reason why it does not apply; None when it does."""
    shown: str = ""
    """The key as written for people, where Textual's name is not."""


def never(_: object, __: Fleet) -> None:
    return None


def hints(
    offered: Sequence[ItemAction[T]], item: T | None, fleet: Fleet, clicked: str = ""
) -> list[Part]:
    """The keys that do something to the item; those that apply come first.

    `clicked` is the action of the mouse that takes a key.
    """
    parts = list[Part]()
    applying = [a for a in offered if item is not None and a.why_not(item, fleet) is None]
    for action in (*applying, *(a for a in offered if a not in applying)):
        click = Style(meta={"@click": f"{clicked}('{action.key}')"}) if clicked else theme.PLAIN
        key = action.shown or action.key
        if action in applying:
            parts += [(f" {key} ", theme.KEY + click), (f"{action.label} ", click)]
        else:
            parts.append((f" {key} {action.label} ", theme.QUIET + click))
    return parts
