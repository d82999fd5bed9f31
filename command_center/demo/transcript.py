"""The demo agent's transcript: one JSON object per line, only ever appended to.

What a turn "spent" is told in the shape `message-blocks` of `docs/usage.md`, as of no model.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

NO_MODEL = "<synthetic>"


class Transcript:
    """Of one session. Without a path nothing is kept."""

    def __init__(self, path: Path | None, session: str) -> None:
        self._path = path
        self.session = session
        self.turns = 0
        """Turns so far, earlier processes included."""
        self.permission: bool | None = None
        """The user's answer in this session; None while not asked."""
        for line in self._lines():
            self._recall(line)

    def add_prompt(self, text: str) -> int:
        """Number of the turn that begins."""
        self.turns += 1
        self._append({"type": "user", "turn": self.turns, "text": text})
        return self.turns

    def add_tool(self, tool: str, detail: str) -> None:
        self._append({"type": "tool", "turn": self.turns, "tool": tool, "detail": detail})

    def add_permission(self, answer: bool) -> None:
        self.permission = answer
        self._append({"type": "permission", "turn": self.turns, "allowed": answer})

    def add_answer(self, prompt: str, said: str, outcome: str) -> None:
        """Token counts are made up from lengths, as no model ran; the model's name says so."""
        usage = {
            "input_tokens": 1 + len(prompt) // 4,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1 + len(said) // 4,
        }
        message = {"id": f"msg_{self.session}_{self.turns}", "model": NO_MODEL, "usage": usage}
        self._append(
            {
                "type": "assistant",
                "sessionId": self.session,
                "timestamp": datetime.now(UTC).isoformat(),
                "turn": self.turns,
                "outcome": outcome,
                "text": said,
                "message": message,
            }
        )

    def _lines(self) -> list[dict[str, object]]:
        if self._path is None or not self._path.exists():
            return []
        found = []
        for line in self._path.read_text("utf-8", "replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                # The last line of a process that was killed while writing.
                continue
        return [line for line in found if isinstance(line, dict)]

    def _recall(self, line: dict[str, object]) -> None:
        if line.get("session") != self.session:
            return
        self.turns += line.get("type") == "user"
        if line.get("type") == "permission":
            self.permission = bool(line.get("allowed"))

    def _append(self, fields: dict[str, object]) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            line = json.dumps({"session": self.session, "at": time.time(), **fields})
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
