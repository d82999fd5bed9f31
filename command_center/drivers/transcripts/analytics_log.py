"""Format `analytics-log`: one event per request, with the CLI's own estimate of its tokens.

Source: analytics log of the CLI's 0.86 series. It names no session, so the file stands for one.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.usage import Cursor, Finding, SessionSeen, Tokens, UsageRow, message_key
from command_center.drivers.transcripts.lines import NewLines, OneFile
from command_center.drivers.transcripts.values import Count, Number, decoded


class _Sent(Struct):
    main_model: str = ""
    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    total_cost: Number = 0.0


class _Line(Struct):
    event: str
    properties: _Sent
    user_id: str = ""
    time: Number = 0.0


_line = msgspec.json.Decoder(_Line)


class AnalyticsLog(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        session = str(path)
        with NewLines(path, cursor) as lines:
            told = (decoded(_line, line) for block in lines for line in block.splitlines())
            rows = tuple(
                row
                for line in told
                if line and line.event == "message_send" and (row := _row(line, session))
            )
            seen = (SessionSeen(session, is_estimate=True),)
            return Finding(session, lines.cursor, rows, seen)


def _row(line: _Line, session: str) -> UsageRow | None:
    sent = line.properties
    tokens = Tokens(input=sent.prompt_tokens, output=sent.completion_tokens)
    # The running cost tells two equal requests of one second apart.
    key = message_key(line.user_id, str(line.time), str(sent.total_cost), str(tokens))
    return UsageRow(key, session, sent.main_model, line.time, tokens) if tokens else None
