"""A seeded history of transcripts, in the shape whose records repeat a message's usage."""

import json
import random
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

from command_center.domain.usage import NOTHING, Tokens

MODELS = ("claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101", "claude-haiku-4-5-20251001")
WEIGHTS = (6, 3, 1)
START = datetime(2026, 10, 1, tzinfo=UTC)


class Transcripts:
    """Each message is told in one to three records; a tenth of the files begin as a fork."""

    def __init__(
        self, root: Path, *, megabytes: int = 200, files: int = 400, seed: int = 1
    ) -> None:
        self._random = random.Random(seed)
        letters = string.ascii_letters + '    \n"\\{}:é→'
        self._text = "".join(self._random.choices(letters, k=400_000))
        self.root = root
        self.truth = NOTHING
        """What the whole history adds up to."""
        self.paths: list[Path] = []
        heads: list[list[str]] = []
        for number in range(files):
            lines = self._forked(heads)
            self._fill(lines, number, megabytes * 2**20 // files)
            heads.append(lines[:12])
            self.paths.append(self._write(number, lines))

    def message(self, number: int, at: datetime) -> list[str]:
        """The records of one new message."""
        pick = self._random.randrange
        spent = Tokens(pick(1, 4000), pick(1, 3000), pick(150_000), pick(9000))
        self.truth += spent
        usage = {
            "input_tokens": spent.input,
            "cache_creation_input_tokens": spent.cache_write,
            "cache_read_input_tokens": spent.cache_read,
            "output_tokens": spent.output,
            "service_tier": "standard",
        }
        told = {"type": "assistant", "timestamp": at.isoformat(), "requestId": f"req_{self._id()}"}
        model = self._random.choices(MODELS, WEIGHTS)[0]
        head = {"id": f"msg_{self._id()}", "type": "message", "role": "assistant", "model": model}
        return [
            self._line(
                number, {**told, "message": {**head, "content": self._block(), "usage": usage}}
            )
            for _ in range(self._random.choice((1, 2, 2, 3)))
        ]

    def _forked(self, heads: list[list[str]]) -> list[str]:
        is_fork = heads and self._random.random() < 0.1
        return list(self._random.choice(heads)) if is_fork else []

    def _fill(self, lines: list[str], number: int, size: int) -> None:
        at = START + timedelta(minutes=self._random.randrange(70_000))
        written = sum(map(len, lines))
        while written < size:
            at += timedelta(seconds=self._random.randrange(3, 90))
            is_answer = self._random.random() < 0.5
            more = self.message(number, at) if is_answer else [self._result(number, at)]
            lines += more
            written += sum(map(len, more))

    def _result(self, number: int, at: datetime) -> str:
        body = self._some(int(min(60_000, self._random.paretovariate(1.1) * 700)))
        told = {"type": "user", "timestamp": at.isoformat(), "toolUseResult": {"stdout": body}}
        return self._line(number, {**told, "message": {"role": "user", "content": body}})

    def _block(self) -> list[dict[str, str]]:
        return [{"type": "text", "text": self._some(self._random.randrange(100, 1500))}]

    def _line(self, number: int, record: dict[str, object]) -> str:
        base = {"isSidechain": False, "cwd": f"/srv/wt-{number % 100}", "sessionId": f"s{number}"}
        return json.dumps(base | record, ensure_ascii=False, separators=(",", ":")) + "\n"

    def _write(self, number: int, lines: list[str]) -> Path:
        path = self.root / "projects" / f"-srv-wt-{number % 100}" / f"s{number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), "utf-8")
        return path

    def _some(self, size: int) -> str:
        begin = self._random.randrange(len(self._text) - size)
        return self._text[begin : begin + size]

    def _id(self) -> str:
        return f"{self._random.getrandbits(88):022x}"
