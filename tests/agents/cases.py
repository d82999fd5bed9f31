"""What differs from one real CLI to the next, as far as a test must know it."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from command_center.domain.intents import Launch
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass, Key
from tests.agents.clis import (
    aider_env,
    claude_env,
    codex_env,
    copilot_env,
    gemini_env,
    grok_env,
    native_env,
    opencode_env,
)
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
    trusts: bool = False
    """Whether it asks for trust in every worktree, unless the user vouches."""
    pads: str = ""
    """What it adds to the end of a pasted prompt of several lines."""
    tells_full: bool = True
    """Whether anything but its screen tells that its conversation has become too large."""


KNOWN = (
    Case("claude", claude_env, "sh", "ask", Key("1", "1"), "permission: "),
    Case("codex", codex_env, "ask", "edits", Key("y", "y"), "permission: "),
    Case(
        "gemini",
        gemini_env,
        "sh",
        "ask",
        Key("1", "1"),
        "permission: ",
        trusts=True,
        tells_full=False,
    ),
    Case("opencode", opencode_env, "sh", "ask", Key("enter", "\r"), "permission: ", pads=" "),
    Case("copilot", copilot_env, "sh", "ask", Key("1", "1"), "permission: "),
    Case("grok", grok_env, "sh", "ask", Key("2", "2"), "permission: "),
    Case("native", native_env, "sh", "ask", Key("y", "y"), "permission: "),
)
DEFAULT = "claude gemini codex opencode native"
AIDER = Case("aider", aider_env, "write", "ask", Key("enter", "\r"), "question: ")
"""Led through the truth run alone: it asks about edits only, once its answer is whole."""
CASES = tuple(case for case in KNOWN if case.spec in os.environ.get("AGENTS", DEFAULT).split())


def chosen() -> list[str]:
    """The CLIs to test."""
    return [case.spec for case in CASES]


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
            trusts_repo=trusts or self.case.trusts,
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

    def prompts(self) -> list[str]:
        """What arrived, but for a prompt repeated in a side request of no conversation."""
        named = [who for who in self.model.conversations() if who]
        return [p for who in named for p in self.model.prompts(who)] or self.model.prompts()

    def screen(self, agent: Agent) -> str:
        return self.center.tmux("capture-pane", "-p", "-t", agent.pane)
