"""Spending for tests: what a supervisor would have counted, written beside it."""

import time

from command_center.domain.usage import Cursor, Finding, SessionSeen, Source, Tokens, UsageRow
from command_center.store.usage import UsageStore
from tests.center import Center

PRICED = "claude-sonnet-4-5"
"""3 dollars a million tokens of input, 15 of output."""
THOUSAND = Tokens(input=1_000)


class Books:
    """Owns a connection; close it."""

    def __init__(self, center: Center) -> None:
        self.store = UsageStore(center.places.usage)
        self._count = 0

    def spend(
        self, session: str, tokens: Tokens = THOUSAND, *, model: str = PRICED, at: float = 0.0
    ) -> None:
        """One message."""
        self._count += 1
        row = UsageRow(self._count, session, model, at or time.time(), tokens)
        seen = SessionSeen(session, "")
        finding = Finding(f"/{self._count}", Cursor(), (row,), (seen,))
        self.store.record(Source("teller", "/c"), [finding])

    def close(self) -> None:
        self.store.close()
