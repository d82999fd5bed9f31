"""What a tmux control-mode client reads: replies to its commands, and notices between them."""

from typing import NamedTuple

from command_center.domain.errors import TmuxUnreachable


class Reply(NamedTuple):
    ok: bool
    lines: list[str]
    """What tmux printed; bytes that are not UTF-8 are replaced."""


class Block(NamedTuple):
    reply: Reply
    is_ours: bool
    """False for the reply to the attach itself, which no line of ours caused."""


class Notice(NamedTuple):
    line: str


class ReplyParser:
    """Splits the control-mode stream into replies and notices.

    A reply ends only at the very time, number and flags it began with: its content is what
    panes show and may look like the protocol.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._tag: bytes | None = None

    def feed(self, data: bytes) -> list[Block | Notice]:
        """Raises TmuxUnreachable when the stream is not the protocol."""
        self._buffer += data
        found: list[Block | Notice] = []
        at = 0
        while True:
            item, after = self._notice(at) if self._tag is None else self._block(at)
            if item is not None:
                found.append(item)
            if after == at:
                break
            at = after
        self._buffer = self._buffer[at:]
        return found

    def _notice(self, at: int) -> tuple[Notice | None, int]:
        end = self._buffer.find(b"\n", at)
        if end < 0:
            return None, at
        line = self._buffer[at:end]
        if line.startswith(b"%begin "):
            self._tag = line[7:]
            # The newline stays: the end of an empty reply is found like any other.
            return None, end
        if not line.startswith(b"%") or line.startswith((b"%end ", b"%error ", b"%output ")):
            raise TmuxUnreachable(f"tmux said {_text(line)!r}")
        return Notice(_text(line)), end + 1

    def _block(self, at: int) -> tuple[Block | None, int]:
        tag = self._tag or b""
        ok_end, bad_end = b"\n%end " + tag + b"\n", b"\n%error " + tag + b"\n"
        end = self._buffer.find(ok_end, at)
        bad = self._buffer.find(bad_end, at, end + 1 if end >= 0 else None)
        if end < 0 and bad < 0:
            return None, at
        is_bad = bad >= 0
        stop = bad if is_bad else end
        content = self._buffer[at + 1 : stop]
        lines = _text(content).split("\n") if stop > at else []
        self._tag = None
        after = stop + len(bad_end if is_bad else ok_end)
        return Block(Reply(not is_bad, lines), tag.endswith(b" 1")), after


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
