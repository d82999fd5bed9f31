"""The tests with real CLIs, some CLIs at a time: `python -m tests.agents [PYTEST ARGUMENT ...]`.

Which ones is in AGENTS. Most of what they do is to wait, so two cores serve several.
"""

import asyncio
import os
import sys

from tests.agents.cases import CASES

AT_ONCE = 2


async def tested(cli: str, arguments: list[str], slots: asyncio.Semaphore) -> bool:
    """Whether all tests of `cli` passed; says so with what pytest said."""
    pytest = (sys.executable, "-m", "pytest", "-q", "-m", "agents", "tests/agents", *arguments)
    async with slots:
        process = await asyncio.create_subprocess_exec(
            *pytest,
            env={**os.environ, "AGENTS": cli},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    sys.stdout.write(f"\n{cli}\n{said.decode(errors='replace')}")
    sys.stdout.flush()
    return process.returncode == 0


async def main(arguments: list[str]) -> int:
    slots = asyncio.Semaphore(AT_ONCE)
    passed = await asyncio.gather(*(tested(case.spec, arguments, slots) for case in CASES))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
