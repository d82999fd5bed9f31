"""An agent CLI that attacks whoever looks at it, once for each Enter; `fine` is a calm word after.

Every attack carries the word EVIL, encoded where it would be decoded.
"""

import base64
import os
import termios
import tty

EVIL = "\x1b]52;c;RVZJTA==\x07\x1b[?1049l\x1b]0;EVIL\x07\x9b31mEVIL\u202eLIVE\u2066\x00\x07\r\nEVIL"


def status(state: str, text: str) -> bytes:
    told = base64.b64encode(text.encode()).decode()
    return f"\x1b]7501;state={state}:kind=permission:msg={told}\x1b\\".encode()


ATTACKS = (
    b"\x1b]52;c;RVZJTA==\x07",
    b"\x1b]0;EVIL\x1b\\\x1b]2;EVIL \xe2\x80\xaeLIVE #(touch EVIL) #{pane_id}\x07",
    b"\x1bkEVIL\x1b\\",
    b"\x1bPtmux;\x1b\x1b]52;c;RVZJTA==\x07\x1b\\\x1bP+q4556494c\x1b\\",
    b"\x1b_GEVIL\x1b\\\x1b^EVIL\x1b\\\x1bXEVIL\x1b\\",
    b"\x1b]8;;file:///EVIL\x1b\\link\x1b]8;;\x1b\\",
    b"\x1b]9;EVIL\x07\x1b]777;notify;EVIL;EVIL\x07\x07\x07",
    b"\x1b[?1049h\x1b[?1049l\x1b[?1003h\x1b[?2004l\x1b[>4;2m\x1b[=7u\x1b[!p\x1b[6n\x1b[21t",
    "\u202eLIVE\u2066EVIL\u2069\u200e\u061c \x9b31mEVIL\x9d52;c;RVZJTA==\x9c".encode(),
    b"\xff\xfe\xc3\x28\xf0\x28\x8c\xbc\x9b31mEVIL\x80\x9d0;EVIL\x9c",
    b"\x1b]7501;state=" + b"A" * 70000 + b"\x1b\\",
    b"\x1b]7501;" + b"\xff" * 100 + b"\x1b\\",
    b"x" * 1_000_000 + b"\r\n",
    b"\x1bc\x1b(0EVIL\x1b(B\x1b#8\x1b[2J\x1b[H",
)


def main() -> None:
    tty.setraw(0, termios.TCSANOW)
    write(b"\x1b[?2004h> " + status("idle", ""))
    while data := os.read(0, 65536):
        for _ in range(data.count(b"\r")):
            for attack in ATTACKS:
                write(attack)
            write(status("blocked", EVIL) + b"\x1b[m\r\nfine\r\n")


def write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    main()
