"""Reading what the CLIs write about their own work, and counting it once."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from command_center.domain.usage import Cursor, Finding, Shape, Source, UsageRow
from command_center.drivers.transcripts import FORMATS, Look, files, last_look
from command_center.store.usage import UsageStore

BATCH = 32 * 1024 * 1024
"""Bytes of transcript that are counted in one transaction: some thousand messages."""


class Watched(Struct, frozen=True):
    """One CLI's files of one account."""

    source: Source
    format: Shape
    patterns: tuple[str, ...]
    values: Mapping[str, str]
    """What the placeholders of the patterns stand for."""


class Progress(Struct, frozen=True):
    """How far a scan is, in bytes."""

    done: int
    all: int
    rows: tuple[UsageRow, ...]
    """What the totals grew by since the last progress."""


class Meter:
    """Owns the store's writing side while it lives. Raises LogError wherever it counts."""

    def __init__(self, store: UsageStore) -> None:
        self._store = store
        self._cursors = store.cursors()
        self._looks = {path: last_look(cursor) for path, cursor in self._cursors.items()}
        self._watched: dict[str, Watched] = {}

    def discover(self, watched: Watched) -> None:
        """Follow the files that are there now; call it again to find newer ones."""
        for path in files(watched.patterns, watched.values):
            self._watched[path] = watched

    def scan(self) -> Iterator[Progress]:
        """Read every file that changed, oldest first, so that a fork is read after its parent."""
        changed = sorted(self._changed(), key=lambda each: each[1].changed)
        waiting: dict[Source, list[Finding]] = {}
        done = pending = 0
        whole = sum(look.size for _, look in changed)
        for path, look in changed:
            if finding := self._read(path):
                waiting.setdefault(self._watched[path].source, []).append(finding)
            pending += look.size
            if pending >= BATCH:
                done, pending = done + pending, 0
                yield Progress(done, whole, self._count(waiting))
        yield Progress(whole, whole, self._count(waiting))

    def tick(self) -> tuple[UsageRow, ...]:
        """Read what was added since the last tick. Returns what the totals grew by."""
        return tuple(row for progress in self.scan() for row in progress.rows)

    def _changed(self) -> Iterator[tuple[str, Look]]:
        for path, watched in self._watched.items():
            try:
                look = FORMATS[watched.format].look(path)
            except OSError:
                continue
            if look != self._looks.get(path):
                yield path, look

    def _read(self, path: str) -> Finding | None:
        cursor = self._cursors.get(path, Cursor())
        try:
            return FORMATS[self._watched[path].format].read(Path(path), cursor)
        except OSError:
            # Gone or locked: a failed look says nothing, and the next one may succeed.
            return None

    def _count(self, waiting: dict[Source, list[Finding]]) -> tuple[UsageRow, ...]:
        rows: list[UsageRow] = []
        for source, findings in waiting.items():
            rows += self._store.record(source, findings)
            for finding in findings:
                self._cursors[finding.path] = finding.cursor
                self._looks[finding.path] = last_look(finding.cursor)
        waiting.clear()
        return tuple(rows)
