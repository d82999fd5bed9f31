"""A program that repaints a coloured block like a busy agent: chatter.py HZ."""

import os
import sys
import time

LINES = 4


def main() -> None:
    pause = 1 / float(sys.argv[1])
    frame = 0
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
