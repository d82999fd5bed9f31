"""A small agent CLI for tests: it reports its state (OSC 7501) and writes down what it is asked.

    python echo_agent.py RECEIVED.jsonl [PROMPT]

With `ECHO_SHOWS` in its environment it shows what is in its box.
A prompt that holds `[ask]` opens a question that `y` or `n` answers; `[crash]` ends it with status
3; `[slow]` makes the turn last a second, `[for:2.5]` that many, `[long]` until a key is pressed;
`[deaf]` loses the first key and shows `any key stops` until another comes;
`[limit:3]` ends it at a limit of three seconds; `[write:NAME]` makes an empty file first. C-u
empties its box.
"""

import base64
import json
import os
import re
import sys
import termios
import time
import tty
from pathlib import Path

PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"


def tell(state: str, msg: str = "", kind: str = "permission") -> None:
    note = f":kind={kind}:msg={base64.b64encode(msg.encode()).decode()}" if msg else ""
    os.write(1, f"\x1b]7501;state={state}{note}\x1b\\".encode())


def take(received: Path, prompt: str) -> None:
    with received.open("a", encoding="utf-8") as file:
        file.write(json.dumps(prompt) + "\n")
    tell("working")
    if "[ask]" in prompt:
        tell("blocked", "touch build")
        while os.read(0, 1) not in (b"y", b"n"):
            pass
        tell("working")
    for name in re.findall(r"\[write:([\w.-]+)\]", prompt):
        Path(name).touch()
    if match := re.search(r"\[limit:(\d+)\]", prompt):
        tell("error", f"limit reached, resets {time.time() + int(match[1]):.0f}", "limit")
        os.write(1, b"limited\r\n> ")
        return
    if "[crash]" in prompt:
        sys.exit(3)
    if "[deaf]" in prompt:
        os.write(1, b"any key stops\r\n")
        os.read(0, 1)
    if "[long]" in prompt or "[deaf]" in prompt:
        os.read(0, 1)
    lasts = re.search(r"\[for:([\d.]+)\]", prompt)
    time.sleep(float(lasts[1]) if lasts else 1.0 if "[slow]" in prompt else 0.02)
    os.write(1, b"done\r\n> ")
    tell("done")


def main() -> None:
    received = Path(sys.argv[1])
    tty.setraw(0, termios.TCSANOW)
    os.write(1, b"\x1b[?2004h> ")
    if len(sys.argv) > 2:
        take(received, sys.argv[2])
    else:
        tell("idle")
    box = b""
    while data := os.read(0, 65536):
        # Prompts hold no control characters, so C-u is never part of a paste.
        box = (box + data).rpartition(b"\x15")[2]
        if "ECHO_SHOWS" in os.environ:
            os.write(1, data.replace(b"\r", b"\r\n"))
        while (prompt := submitted(box)) is not None:
            box = box[len(prompt) + 1 :]
            if text := prompt.replace(PASTE_START, b"").replace(PASTE_END, b""):
                take(received, text.replace(b"\r", b"\n").decode())


def submitted(box: bytes) -> bytes | None:
    """What stands before the first Enter that is not part of a paste; None without one."""
    at, pasting = 0, False
    while at < len(box):
        if box.startswith((PASTE_START, PASTE_END), at):
            pasting = box.startswith(PASTE_START, at)
            at += len(PASTE_START)
        elif box[at : at + 1] == b"\r" and not pasting:
            return box[:at]
        else:
            at += 1
    return None


if __name__ == "__main__":
    main()
