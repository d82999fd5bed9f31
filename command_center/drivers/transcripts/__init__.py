"""Readers of what the CLIs write about their own work, one module per shape of file."""

import glob
import os
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Protocol

from command_center.domain.usage import Cursor, Finding, Shape
from command_center.drivers.transcripts.analytics_log import AnalyticsLog
from command_center.drivers.transcripts.chat_records import ChatRecords
from command_center.drivers.transcripts.event_records import EventRecords
from command_center.drivers.transcripts.lines import Look, last_look
from command_center.drivers.transcripts.message_blocks import MessageBlocks
from command_center.drivers.transcripts.message_table import MessageTable
from command_center.drivers.transcripts.rollout import Rollout
from command_center.drivers.transcripts.turn_totals import TurnTotals

__all__ = ("FORMATS", "Format", "Look", "files", "last_look")


class Format(Protocol):
    def look(self, path: str) -> Look:
        """Costs a stat or two. Raises OSError."""
        ...

    def read(self, path: Path, cursor: Cursor) -> Finding:
        """What is new since `cursor`; all of it for `Cursor()`.

        Whatever the file holds is no error. Raises OSError when it cannot be read.
        """
        ...


FORMATS: Mapping[Shape, Format] = {
    Shape.ANALYTICS_LOG: AnalyticsLog(),
    Shape.CHAT_RECORDS: ChatRecords(),
    Shape.EVENT_RECORDS: EventRecords(),
    Shape.MESSAGE_BLOCKS: MessageBlocks(),
    Shape.MESSAGE_TABLE: MessageTable(),
    Shape.ROLLOUT: Rollout(),
    Shape.TURN_TOTALS: TurnTotals(),
}


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "*"


def files(patterns: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """The files that a spec's patterns stand for; a placeholder without a value matches any name.

    Values are taken literally: what is a wildcard in them is none. Raises nothing.
    """
    literal = _Known({name: glob.escape(value) for name, value in values.items()})
    found: dict[str, None] = {}
    for pattern in patterns:
        text = os.path.expanduser(Template(pattern).safe_substitute(literal))  # noqa: PTH111
        found |= dict.fromkeys(glob.glob(text, recursive=True))  # noqa: PTH207
    return list(found)
