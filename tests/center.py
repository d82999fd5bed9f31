"""A whole command center in a folder of its own, for tests that run the real thing."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from command_center.domain.intents import Intent, Launch
from command_center.domain.model import Agent, Answer, Fleet
from command_center.domain.places import Places
from command_center.store.inbox import Inbox, send
from command_center.store.view import View

ECHO_AGENT = Path(__file__).parent / "engine" / "echo_agent.py"
ECHO_SPEC = f"""
id = "echo"
name = "Echo"
[binary]
names = ["${{python}}"]
version = []
[launch]
argv = ["${{binary}}", "{ECHO_AGENT}", "${{state}}/received.jsonl", "${{prompt}}"]
presets_session = true
[resume]
argv = ["${{binary}}", "{ECHO_AGENT}", "${{state}}/received.jsonl"]
[prompt]
first = "argv"
settle_ms = 50
clear = ["C-u"]
[signals.osc7501]
"""
SHOWN_SPEC = ECHO_SPEC.replace("[resume]", '[launch.env]\nECHO_SHOWS = "1"\n[resume]')
"""One that shows what stands in its box, as CLIs do."""
SUPERVISE = (
    "import asyncio, os; from pathlib import Path;"
    "from command_center.domain.places import Places;"
    "from command_center.engine.supervisor import run;"
    "raise SystemExit(asyncio.run(run(Places.of(os.environ, Path.home()))))"
)


class Center:
    """Reads the view and writes the inbox as a client does. Owns its tmux server."""

    def __init__(self, home: Path, repo: Path, env: Mapping[str, str] | None = None) -> None:
        self.home = home
        self._env = os.environ if env is None else env
        self._supervisors: list[subprocess.Popen[bytes]] = []
        self.repo = repo
        self.places = Places.of({"COMMAND_CENTER_HOME": str(home)}, home)
        self.inbox = Inbox(self.places.inbox)
        self.view = View(self.places.log)
        self.add_spec("echo", ECHO_SPEC)

    def add_spec(self, name: str, text: str) -> None:
        file = self.places.config / "agents" / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def environ(self) -> dict[str, str]:
        return {**self._env, "COMMAND_CENTER_HOME": str(self.home)}

    def start_supervisor(self) -> "subprocess.Popen[bytes]":
        """As a process of its own, so that it can be killed; `close` ends it at the latest."""
        started = subprocess.Popen([sys.executable, "-c", SUPERVISE], env=self.environ())
        self._supervisors.append(started)
        return started

    @property
    def fleet(self) -> Fleet:
        self.view.poll()
        return self.view.fleet

    def ask(self, intent: Intent) -> str:
        return send(self.inbox, intent, "test")

    async def answer(self, intent: Intent) -> Answer:
        asked = self.ask(intent)
        return (await self.until(lambda fleet: asked in fleet.answers)).answers[asked]

    async def launch(self, prompt: str = "", *, spec: str = "echo", name: str = "") -> Agent:
        answer = await self.answer(Launch(spec, str(self.repo), prompt, name=name))
        assert not answer.is_refused, answer.text
        return self.fleet.agents[answer.agent]

    async def until(self, holds: Callable[[Fleet], bool], seconds: float = 40) -> Fleet:
        deadline = time.monotonic() + seconds
        while not holds(fleet := self.fleet):
            assert time.monotonic() < deadline, f"not so after {seconds} s: {summary(fleet)}"
            await asyncio.sleep(0.02)
        return fleet

    async def agent_until(
        self, agent: str, holds: Callable[[Agent], bool], seconds: float = 40
    ) -> Agent:
        fleet = await self.until(lambda f: agent in f.agents and holds(f.agents[agent]), seconds)
        return fleet.agents[agent]

    def received(self, agent: str) -> list[str]:
        """Every prompt the echo agent wrote down."""
        file = self.places.agent(agent) / "received.jsonl"
        text = file.read_text("utf-8") if file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            ("tmux", "-L", self.places.socket, *words), capture_output=True, text=True, check=False
        )
        return done.stdout

    def close(self) -> None:
        self.view.close()
        for supervisor in self._supervisors:
            # Not SIGKILL: a server that ends waits for ever for a reader who died a moment ago.
            supervisor.terminate()
            supervisor.wait()
        self.tmux("kill-server")


def summary(fleet: Fleet) -> str:
    """What a failed test should say of a fleet."""
    agents = (
        f"{a.name}: {a.phase} {a.state} ({a.reason}) {[str(r.delivery) for r in a.receipts]}"
        for a in fleet.agents.values()
    )
    tasks = (f"{t.id}: {t.life} {t.reason!r} held={t.is_held}" for t in fleet.tasks.values())
    refused = (a.text for a in fleet.answers.values() if a.is_refused)
    return "\n".join((f"seq {fleet.seq}", *agents, *tasks, *refused))
