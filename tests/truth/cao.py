"""The status detector of cli-agent-orchestrator, run as it is in an environment of its own.

python -m venv .agents-cli/cao && .agents-cli/cao/bin/pip install cli-agent-orchestrator==2.5.4
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from command_center.domain.model import Agent, State
from tests.agents.clis import INSTALLED
from tests.truth.eyes import Look

PYTHON = INSTALLED / "cao" / "bin" / "python"
DETECT = """
import importlib, json, sys
NAMES = {"claude": "claude_code.ClaudeCodeProvider", "codex": "codex.CodexProvider",
         "opencode": "opencode_cli.OpenCodeCliProvider"}
made = {}
for name in NAMES.values():
    importlib.import_module("cli_agent_orchestrator.providers." + name.partition(".")[0])
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["agent"] not in made:
        module, _, name = NAMES.get(asked["spec"], "").partition(".")
        found = module and importlib.import_module("cli_agent_orchestrator.providers." + module)
        made[asked["agent"]] = getattr(found, name)("0" * 8, "none", "none") if found else None
    provider = made[asked["agent"]]
    said = provider.get_status_from_screen(asked["lines"]).value if provider else "unknown"
    print(said, flush=True)
"""
STATES = {
    "idle": State.IDLE,
    "completed": State.IDLE,
    "error": State.IDLE,
    "processing": State.BUSY,
    "waiting_user_answer": State.WAITING,
}


class Orchestrator:
    """Holds the last verdict while the detector says that it does not know."""

    name = "cao 2.5.4"

    def __init__(self, process: Process) -> None:
        self._process = process
        self._last: dict[str, State] = {}

    async def says(self, agent: Agent, look: Look) -> State:
        """Raises AssertionError when the detector has died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"agent": agent.id, "spec": agent.order.spec, "lines": look.text.split("\n")}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        said = (await self._process.stdout.readline()).decode().strip()
        assert said, "the peer's detector has died"
        before = self._last.get(agent.id, State.UNKNOWN)
        self._last[agent.id] = STATES.get(said, before)
        return self._last[agent.id]


@asynccontextmanager
async def orchestrator() -> AsyncIterator[Orchestrator | None]:
    """None where it is not installed."""
    if not PYTHON.exists():
        print(f"no peer: {PYTHON.parent.parent.name} is not installed", file=sys.stderr)  # noqa: T201
        yield None
        return
    process = await asyncio.create_subprocess_exec(PYTHON, "-c", DETECT, stdin=PIPE, stdout=PIPE)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield Orchestrator(process)
    finally:
        process.kill()
        await process.wait()
