"""Untrusted text made safe to show."""

import re

# C0 but for \t and \n, DEL, C1, and the bidirectional and invisible format characters
# that can make a line read as something else (Unicode TR36); also lone surrogates, which
# stand for undecodable bytes and cannot be written anywhere.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"
)


def plain(text: str) -> str:
    """`text` without terminal sequences and control characters; tabs and newlines stay."""
    return _CONTROL.sub("", _ESCAPES.sub("", text))


def one_line(text: str, width: int = 0) -> str:
    """`text` as one plain line, cut with an ellipsis after `width` characters if given."""
    line = " ".join(plain(text).split())
    return line[: width - 1] + "…" if 0 < width < len(line) else line


def fenced(text: str) -> str:
    """`text` as a Markdown block that nothing in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
