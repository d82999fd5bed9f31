"""Readers of growing transcripts: from one record to what it tells, one module per format."""

from collections.abc import Callable, Mapping

from command_center.domain.trails import Trace, Trail
from command_center.drivers.trails.chat_markdown import chat_line
from command_center.drivers.trails.chat_records import chat_record
from command_center.drivers.trails.event_records import event_record
from command_center.drivers.trails.message_blocks import message_block
from command_center.drivers.trails.plain_records import plain_record
from command_center.drivers.trails.rollout import rollout_line
from command_center.drivers.trails.session_updates import session_update
from command_center.drivers.trails.tail import Line, Tail

__all__ = ("TRAILS", "Line", "Tail")

TRAILS: Mapping[Trail, Callable[[bytes], Trace | None]] = {
    Trail.CHAT_MARKDOWN: chat_line,
    Trail.CHAT_RECORDS: chat_record,
    Trail.EVENT_RECORDS: event_record,
    Trail.MESSAGE_BLOCKS: message_block,
    Trail.PLAIN_RECORDS: plain_record,
    Trail.ROLLOUT: rollout_line,
    Trail.SESSION_UPDATES: session_update,
}
"""By format: what a line tells, None when that is nothing. No content of a line is an error."""
