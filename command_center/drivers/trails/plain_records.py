"""Format `plain-records`: what a program without a format of its own can easily write.

One JSON object per line: `type`, and where it applies `text`, `tool` with `detail`, `outcome`, and
`at` in Unix seconds. Words: the type, with `:OUTCOME` when there is one.
"""

import msgspec
from msgspec import Struct

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import last_sentence
from command_center.drivers.transcripts.values import Number, decoded


class _Record(Struct):
    type: str
    text: str = ""
    tool: str = ""
    detail: str = ""
    outcome: str = ""
    at: Number = 0.0


_record = msgspec.json.Decoder(_Record)


def plain_record(line: bytes) -> Trace | None:
    record = decoded(_record, line)
    if record is None:
        return None
    word = f"{record.type}:{record.outcome}" if record.outcome else record.type
    if record.tool:
        call = f"{record.tool} {record.detail}".strip()
        return Trace(word, call, record.at, call)
    if record.type == "user":
        return Trace(word, record.text, record.at, "")
    return Trace(word, record.text, record.at, last_sentence(record.text) or None)
