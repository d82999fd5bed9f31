"""What an agent's CLI says of itself in its terminal output: states, titles, notes, bells."""

import binascii
import re

LONGEST = 8_192
"""Bytes of an OSC string; a longer one is skipped to its end and not heard."""
TEXT = 500
"""Characters of a text in a signal."""

ESC, BEL, ST = b"\x1b", b"\x07", b"\x1b\\"
QUERY, ANSWER = b"7501;?", b"\x1b]7501;?\x1b\\"
STATES = frozenset({"idle", "working", "blocked", "done", "error", "clear"})

_OUTSIDE = re.compile(rb"\x07+|\x1b(?:[\]PX^_k]|\Z)")
_INSIDE = re.compile(rb"[\x07\x18\x1a]|\x1b(?:[\x00-\xff]|\Z)")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BRAILLE, _CIRCLES = re.compile(r"(?<!\S)[\u2800-\u28ff]+"), re.compile("^[◐-◓]+")
_PROGRESS = re.compile(rb"\d{1,2}(?:;|\Z)")  # ConEmu's OSC 9;n commands, not text for a person

Record = dict[str, object]


class Ear:
    """Hears OSC strings and bells in a terminal's output, at whatever byte it is split.

    Strings begin and end where tmux ends them, with one difference: an OSC cut short is not heard.
    """

    def __init__(self) -> None:
        self._string = b""
        """What opened the string we are in: one of ] P X ^ _ k; empty outside."""
        self._body = bytearray()
        self._held = b""

    def feed(self, output: bytes) -> list[bytes]:
        """The bodies of the OSC strings that ended in `output`, and BEL for bells."""
        output, self._held = self._held + output, b""
        heard: list[bytes] = []
        at = 0
        while mark := (_INSIDE if self._string else _OUTSIDE).search(output, at):
            self._keep(output[at : mark.start()])
            if mark[0] == ESC:
                self._held = ESC
                return heard
            at = self._leave(mark, heard) if self._string else self._enter(mark, heard)
        self._keep(output[at:])
        return heard

    def _keep(self, piece: bytes) -> None:
        if self._string == b"]":
            self._body += piece[: LONGEST + 1 - len(self._body)]

    def _enter(self, mark: re.Match[bytes], heard: list[bytes]) -> int:
        if mark[0].startswith(ESC):
            self._string = mark[0][1:]
            self._body.clear()
        elif BEL not in heard[-1:]:
            heard.append(BEL)
        return mark.end()

    def _leave(self, mark: re.Match[bytes], heard: list[bytes]) -> int:
        end = mark[0]
        if end != ST and (self._string == b"P" or (end == BEL and self._string != b"]")):
            return mark.end()
        if self._string == b"]" and end in (BEL, ST) and len(self._body) <= LONGEST:
            heard.append(bytes(self._body))
        self._string = b""
        return mark.start() if end.startswith(ESC) and end != ST else mark.end()


def clean(text: bytes) -> str:
    """At most 500 characters on one line, without control and direction characters."""
    spaced = re.sub("[\t\n\r]+", " ", text.decode("utf-8", "replace"))
    return _CONTROL.sub("", spaced).strip()[:TEXT]


def decoded(payload: bytes) -> str:
    try:
        return clean(binascii.a2b_base64(payload + b"=="))
    except binascii.Error:
        return ""


def title(body: bytes) -> str:
    """The title with its spinner stilled at the first glyph."""
    return _CIRCLES.sub("◐", _BRAILLE.sub("⠋", clean(body)))


def status(body: bytes) -> Record:
    fields = dict(field.partition(b"=")[::2] for field in body.split(b":"))
    state = clean(fields.get(b"state", b""))
    record: Record = {
        "source": "osc7501",
        "state": state if state in STATES else "unknown",
        "kind": clean(fields.get(b"kind", b"")),
        "msg": decoded(fields.get(b"msg", b"")),
        "title": decoded(fields.get(b"title", b"")),
    }
    if child := clean(fields.get(b"id", b"")):
        record["id"] = child
    return record


def meaning(heard: bytes) -> Record | None:
    """The signal in something heard; None for what is said to terminals only."""
    if heard == BEL:
        return {"source": "bell"}
    code, _, body = heard.partition(b";")
    if code == b"7501" and heard != QUERY:
        return status(body)
    if code in (b"0", b"2"):
        return {"source": "title", "text": title(body)}
    if code == b"9" and not _PROGRESS.match(body):
        return {"source": "notification", "text": clean(body)}
    if code == b"777" and body.startswith(b"notify;"):
        return {"source": "notification", "text": clean(body[7:].replace(b";", b": ", 1))}
    return None
