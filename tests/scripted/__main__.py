"""Serve until interrupted: `python -m tests.scripted --port N --log FILE`."""

import argparse
import signal
import sys
from pathlib import Path

from tests.scripted.server import ScriptedModel


def main() -> None:
    """Print the address and serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description="A scripted model server on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--log", type=Path, help="one JSON line per answered request")
    chosen = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    with ScriptedModel(chosen.port, chosen.log) as model:
        sys.stdout.write(f"{model.url}\n")
        sys.stdout.flush()
        signal.sigwait((signal.SIGINT, signal.SIGTERM))


if __name__ == "__main__":
    main()
