"""What has happened to searches: a part of the union in `events`."""

from typing import TypeAlias

from msgspec.structs import replace

from command_center.domain.prompt_events import Happening
from command_center.domain.searches import Search


class SearchBegun(Happening, frozen=True):
    """Or begun again under the same name: what was tried before counts."""

    search: Search
    intent: str = ""


class SearchEnded(Happening, frozen=True):
    """Before its time: no more trials are queued; those that there are go on."""

    search: str
    reason: str


SearchEvent: TypeAlias = SearchBegun | SearchEnded


def searched(searches: dict[str, Search], event: SearchEvent) -> dict[str, Search]:
    """The searches after `event`; words about an unknown one change nothing."""
    if isinstance(event, SearchBegun):
        return {**searches, event.search.id: event.search}
    known = searches.get(event.search)
    return searches if known is None else {**searches, known.id: replace(known, ended=event.reason)}
