"""Format `chat-markdown`: a chat as a person would read it, a line at a time.

Source: chat histories of the CLI's 0.8x series. Words: `user` for a line of a prompt, `note` for
what the CLI itself says, `begin` for its start, `assistant` for all else. No line has a time.
"""

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import last_sentence


def chat_line(line: bytes) -> Trace | None:
    text = line.decode("utf-8", "replace").strip()
    if text.startswith("#### "):
        return Trace("user", text[5:], doing="")
    if text.startswith("> "):
        return Trace("note", text[2:])
    if text.startswith("# ") and " chat started at " in text:
        return Trace("begin", text[2:])
    return Trace("assistant", text, doing=last_sentence(text) or None) if text else None
