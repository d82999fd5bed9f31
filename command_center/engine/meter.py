"""Reading what the CLIs write about their own work, and counting it once."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from command_center.domain.usage import Cursor, Finding, Shape, Source, UsageRow
from command_center.drivers.transcripts import FORMATS, Look, files, last_look
from command_center.engine.helper import Helper
from command_center.store.usage import UsageStore

BATCH = 2000
"""Messages that are counted in one transaction. Their keys are random, so that a few of them touch
as many pages of the database as all."""
ROUND = 256 * 1024 * 1024
"""Bytes that two processes share before the second one's findings are taken over."""
HELPERS_SHARE = 0.7
"""Of the bytes of a round: it has nothing to count."""


class Watched(Struct, frozen=True):
    """One CLI's files of one account."""

    source: Source
    format: Shape
    patterns: tuple[str, ...]
    values: Mapping[str, str]
    """What the placeholders of the patterns stand for."""
    since: float = 0.0
    """Unix seconds: files that were last changed before are not read."""


class Progress(Struct, frozen=True):
    """How far a scan is, in bytes."""

    done: int
    all: int
    rows: tuple[UsageRow, ...]
    """What the totals grew by since the last progress."""


Changed = Sequence[tuple[str, Look]]


class Meter:
    """The one user of the store's writing side. Raises LogError wherever it counts."""

    def __init__(self, store: UsageStore) -> None:
        self._store = store
        self._cursors = store.cursors()
        self._looks = {path: last_look(cursor) for path, cursor in self._cursors.items()}
        self._watched: dict[str, Watched] = {}

    def discover(self, watched: Watched) -> None:
        """Follow the files that are there now; call it again to find newer ones."""
        for path in files(watched.patterns, watched.values):
            if path in self._watched or _is_newer(path, watched):
                self._watched[path] = watched

    def tick(self) -> tuple[UsageRow, ...]:
        """Read what was added since the last tick. Returns what the totals grew by."""
        return tuple(row for progress in self.scan() for row in progress.rows)

    def scan(self, *, has_helper: bool = False) -> Iterator[Progress]:
        """Read every file that changed, oldest first, so that a fork is read after its parent.

        With a helper a second process reads as well; not for a process that has threads.
        """
        with _no_collection() if has_helper else nullcontext():
            changed = sorted(self._changed(), key=lambda each: each[1].changed)
            done, whole = 0, _bytes(changed)
            for round_ in _split(changed, ROUND):
                found = self._helped(round_) if has_helper else self._found(round_)
                for batch in _batches(found):
                    rows = self._count(batch)
                    done += sum(finding.cursor.size for finding in batch)
                    yield Progress(done, whole, rows)

    def _helped(self, changed: Changed) -> Iterator[Finding]:
        """We have the older files, and so are counted first; the helper need not wait for us."""
        ours, *rest = _split(changed, max(1, int(_bytes(changed) * (1 - HELPERS_SHARE))))
        theirs = [each for some in rest for each in some]
        helper = Helper(lambda: self._found(theirs))
        for finding in self._found(ours):
            helper.listen()
            yield finding
        yield from helper.rest()

    def _changed(self) -> Iterator[tuple[str, Look]]:
        for path, watched in self._watched.items():
            try:
                look = FORMATS[watched.format].look(path)
            except OSError:
                continue
            if look != self._looks.get(path):
                yield path, look

    def _found(self, changed: Changed) -> Iterator[Finding]:
        for path, _ in changed:
            cursor = self._cursors.get(path, Cursor())
            try:
                yield FORMATS[self._watched[path].format].read(Path(path), cursor)
            except OSError:
                # Gone or locked: a failed look says nothing, and the next one may succeed.
                continue

    def _count(self, findings: Iterable[Finding]) -> tuple[UsageRow, ...]:
        rows: list[UsageRow] = []
        for source, some in groupby(findings, lambda each: self._watched[each.path].source):
            counted = list(some)
            rows += self._store.record(source, counted)
            for finding in counted:
                self._cursors[finding.path] = finding.cursor
                self._looks[finding.path] = last_look(finding.cursor)
        return tuple(rows)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Nothing that is read refers back: to look for such things takes a tenth of the time.

    What is there before is never looked at again: its memory stays shared with the helper, and the
    process ends sooner.
    """
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.enable()


def _is_newer(path: str, watched: Watched) -> bool:
    if not watched.since:
        return True
    try:
        return FORMATS[watched.format].look(path).changed >= watched.since * 1e9
    except OSError:
        return False


def _bytes(changed: Changed) -> int:
    return sum(look.size for _, look in changed)


def _batches(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    batch, rows = list[Finding](), 0
    for finding in findings:
        batch.append(finding)
        rows += len(finding.rows)
        if rows >= BATCH:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _split(changed: Changed, size: int) -> Iterator[Changed]:
    """Runs of at least `size` bytes each, but for the last."""
    begin = total = 0
    for end, (_, look) in enumerate(changed, 1):
        total += look.size
        if total >= size:
            yield changed[begin:end]
            begin, total = end, 0
    if begin < len(changed):
        yield changed[begin:]
