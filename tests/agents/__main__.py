"""The tests with real CLIs, some CLIs at a time: `python -m tests.agents [PYTEST ARGUMENT ...]`.

Which ones is in AGENTS. Most of what they do is to wait, so two cores serve several.
"""

import asyncio
import os
import sys

import pytest

from tests.agents.cases import CASES

AT_ONCE = 2


async def tested(cli: str, arguments: list[str], slots: asyncio.Semaphore) -> bool:
    """Whether all tests of `cli` passed; says so with what pytest said."""
    own_cache = ("-o", f"cache_dir=.pytest_cache/{cli}")
    chosen = ("-q", "-m", "agents", "tests/agents", *own_cache, *arguments)
    async with slots:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pytest", *chosen),
            env={**os.environ, "AGENTS": cli},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    sys.stdout.write(f"\n{cli}\n{said.decode(errors='replace')}")
    sys.stdout.flush()
    return process.returncode in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


async def main(arguments: list[str]) -> int:
    slots = asyncio.Semaphore(AT_ONCE)
    passed = await asyncio.gather(*(tested(case.spec, arguments, slots) for case in CASES))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
