"""A small agent CLI for tests that asks before each command of its prompt, one per line.

    python asking_agent.py ANSWERS.jsonl PROMPT

A line is WAY COMMAND. `both` shows a dialog while the hook waits, `first` asks the hook before it
shows the dialog, `keys` shows the dialog alone, `hidden` waits without showing what for, and
`deaf` does not heed the hook that it runs. `y` and `n` answer a dialog. Every answer, and who gave
it, is written down.
"""

import base64
import json
import os
import select
import subprocess
import sys
import termios
import time
import tty
from pathlib import Path


def tell(state: str, msg: str = "") -> None:
    note = f":kind=permission:msg={base64.b64encode(msg.encode()).decode()}" if msg else ""
    os.write(1, f"\x1b]7501;state={state}{note}\x1b\\".encode())


def hook(command: str, seconds: str) -> "subprocess.Popen[bytes]":
    """As CLIs run theirs: through a shell, with the payload on standard input."""
    payload = json.dumps({"tool_name": "Bash", "tool_input": {"command": command}})
    asking = subprocess.Popen(
        ("sh", "-c", f'sh "$ACC_HOOK" PermissionRequest {seconds}'),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert asking.stdin is not None
    asking.stdin.write(payload.encode())
    asking.stdin.close()
    return asking


def ask(way: str, command: str) -> str:
    asking = hook(command, {"both": "60", "deaf": "60", "first": "60"}.get(way, ""))
    if way not in ("both", "deaf"):
        assert asking.stdout is not None
        if said := asking.stdout.read():
            return f"hook {said.decode().strip()}"
    if way != "hidden":
        os.write(1, f"\x1b[2J\x1b[HMay I run this?\r\n  {command}\r\n  y. Yes\r\n".encode())
    tell("blocked", command)
    return answer_of(asking if way == "both" else None)


def answer_of(asking: "subprocess.Popen[bytes] | None") -> str:
    """The first answer, whoever gives it. A hook that is not heard goes on waiting."""
    heard = asking.stdout if asking is not None else None
    ears = [0] if heard is None else [0, heard.fileno()]
    while True:
        ready = select.select(ears, [], [])[0]
        if 0 in ready and (key := os.read(0, 1)) in (b"y", b"n"):
            return f"key {key.decode()}"
        if heard is not None and heard.fileno() in ready:
            if said := heard.read():
                return f"hook {said.decode().strip()}"
            ears = [0]


def main() -> None:
    answers = Path(sys.argv[1])
    tty.setraw(0, termios.TCSANOW)
    for line in sys.argv[2].splitlines():
        tell("working")
        way, _, command = line.partition(" ")
        given = ask(way, command)
        os.write(1, b"\x1b[2J\x1b[H")
        with answers.open("a", encoding="utf-8") as file:
            file.write(json.dumps(given) + "\n")
    tell("done")
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
