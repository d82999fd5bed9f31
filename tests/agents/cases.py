"""What differs from one real CLI to the next, as far as a test must know it."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from command_center.domain.intents import Launch
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass, Key
from tests.agents.clis import claude_env, codex_env
from tests.center import Center
from tests.scripted.server import ScriptedModel


@dataclass(frozen=True, slots=True)
class Case:
    spec: str
    environ: Callable[[Path, str, Path], dict[str, str]]
    ask: str
    """The script step that leads to a permission request for a shell command."""
    mode: str
    yes: Key
    """The key that approves once."""
    sees: str
    """What the reason of a permission request names."""


CASES = (
    Case("claude", claude_env, "sh", "ask", Key("1", "1"), "permission: "),
    Case("codex", codex_env, "ask", "edits", Key("y", "y"), "permission: "),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One command center, one CLI, one model."""

    case: Case
    center: Center
    model: ScriptedModel
    supervisor: "subprocess.Popen[bytes]"

    async def launch(self, prompt: str = "", *, mode: str = "", trusts: bool = False) -> Agent:
        intent = Launch(
            self.case.spec,
            str(self.center.repo),
            prompt,
            mode=mode or self.case.mode,
            trusts_repo=trusts,
        )
        answer = await self.center.answer(intent)
        assert not answer.is_refused, answer.text
        return self.center.fleet.agents[answer.agent]

    async def press(self, agent: Agent, key: Key) -> None:
        """As the dashboard does when the user types into the pane."""
        glass = Glass(self.center.places.socket)
        try:
            await glass.type_keys(agent.pane, [key])
        finally:
            await glass.close()

    def screen(self, agent: Agent) -> str:
        return self.center.tmux("capture-pane", "-p", "-t", agent.pane)
