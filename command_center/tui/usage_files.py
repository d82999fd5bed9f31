"""The Usage screen's figures as files for other programs."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from command_center.tui.usage_report import Report, Share

_HEAD = (
    "by",
    "name",
    "messages",
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "total",
    "dollars",
    "unpriced",
    "is_estimate",
)


def save(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write a JSON and a CSV file below `folder` and tell where. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(report.until))
    stem = folder / f"usage-{report.days}d-{stamp}"
    files = stem.with_suffix(".json"), stem.with_suffix(".csv")
    files[0].write_text(as_json(report), "utf-8")
    files[1].write_text(as_csv(report), "utf-8")
    return files


def as_json(report: Report) -> str:
    return msgspec.json.format(msgspec.json.encode(report)).decode() + "\n"


def as_csv(report: Report) -> str:
    """One line for each name and what it is; models without a price stand between spaces."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(_HEAD)
    for by, shares in report.shares.items():
        writer.writerows((str(by), *_row(share)) for share in shares)
    return lines.getvalue()


def _row(share: Share) -> Iterator[object]:
    t = share.tokens
    yield _tame(share.name)
    yield from (share.messages, t.input, t.output, t.cache_read, t.cache_write, t.reasoning)
    yield t.total
    yield "" if share.money is None else round(share.money, 6)
    yield " ".join(share.unpriced)
    yield share.is_estimate


def _tame(text: str) -> str:
    """A task that begins like a formula is not to be one in a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
