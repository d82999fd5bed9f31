"""A program that repaints a block like a busy agent, below a talk: chatter.py HZ [LINES]."""

import os
import sys
import time

LINES = 4
TALK = (
    "\x1b[1m●\x1b[0m I will look at how the \x1b[36mcart\x1b[0m adds up its lines first.",
    "  \x1b[2m⎿\x1b[0m  Read \x1b[1msrc/cart.py\x1b[0m (\x1b[32m214\x1b[0m lines)",
    "\x1b[48;5;22m\x1b[38;5;255m41 + total = sum(line.price * line.count for line in lines)\x1b[0m",
    "\x1b[48;5;52m\x1b[38;5;255m 41 -    total = sum(line.price for line in lines) \x1b[0m",
    "\x1b[38;2;177;185;249mTests\x1b[0m \x1b[32m38 passed\x1b[0m, \x1b[31m1 failed\x1b[0m",
)
"""What stands still above, in an agent's colours."""


def main() -> None:
    pause = 1 / float(sys.argv[1])
    frame = 0
    for line in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        os.write(1, f"{TALK[line % len(TALK)]}\r\n".encode())
    os.write(1, b"\n" * LINES)
    due = time.monotonic()
    while True:
        frame += 1
        body = "\r\n".join(
            f"\x1b[2K\x1b[38;5;{208 + frame % 6}m● step {line}\x1b[0m \x1b[2m(esc to interrupt)"
            f"\x1b[0m frame {frame}"
            for line in range(LINES)
        )
        os.write(1, f"\x1b[{LINES}A{body}\r\n".encode())
        due = max(due + pause, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()
