"""Runs every benchmark, or those named, and fails at the end if any bar failed."""

import re
import subprocess
import sys
from pathlib import Path


def names() -> list[str]:
    """The modules beside this one that end with a table of claims."""
    beside = sorted(Path(__file__).parent.glob("*.py"))
    return [f.stem for f in beside if re.search(r"^ +finish\(", f.read_text("utf-8"), re.MULTILINE)]


def main(wanted: list[str]) -> int:
    failed = [
        name
        for name in wanted or names()
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
    ]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nevery bar holds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
