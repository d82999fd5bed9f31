"""Stands in for an agent's terminal program: raw mode, every byte read goes to a file.

Call: record_input.py FILE [HEX], where HEX is printed first, such as 1b5b3f3230303468.
"""

import os
import sys
import tty
from pathlib import Path


def main() -> None:
    tty.setraw(0)
    prelude = bytes.fromhex(sys.argv[2]) if len(sys.argv) > 2 else b""
    with Path(sys.argv[1]).open("ab", buffering=0) as file:
        os.write(1, prelude + b"READY")
        while data := os.read(0, 1 << 16):
            file.write(data)


if __name__ == "__main__":
    main()
