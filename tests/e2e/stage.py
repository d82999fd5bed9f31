"""A dashboard on its screen, and the command center behind it."""

import json
import os
import subprocess
from pathlib import Path

from command_center.domain.intents import Intent, Launch
from command_center.domain.model import Agent, Answer, State
from tests.center import Center
from tests.e2e.screen import ACC, Screen, until

SETTLED = (State.IDLE, State.WAITING)


class Stage:
    """What goes past the screen here is the world's doing: other clients, and what agents did."""

    def __init__(self, center: Center, screen: Screen) -> None:
        self.center = center
        self.screen = screen

    def agent(self, name: str) -> Agent:
        [found] = [a for a in self.center.fleet.agents.values() if a.name == name]
        return found

    def answer(self, intent: Intent) -> Answer:
        asked = self.center.ask(intent)
        until(lambda: asked in self.center.fleet.answers, f"{intent} is answered")
        return self.center.fleet.answers[asked]

    def launch(self, name: str, prompt: str = "", spec: str = "echo", mode: str = "") -> Agent:
        """The agent once it is idle or asks something."""
        order = Launch(spec, str(self.center.repo), prompt, name=name, mode=mode)
        answer = self.answer(order)
        assert not answer.is_refused, answer.text
        self.until_state(name, *SETTLED)
        return self.agent(name)

    def until_state(self, name: str, *states: State) -> None:
        until(lambda: self.agent(name).state in states, f"{name} is {' or '.join(states)}")

    def until_received(self, name: str, *prompts: str) -> None:
        """These prompts, once each and in this order, are all that the agent got."""
        wanted = list(prompts)
        until(lambda: len(self.received(name)) >= len(wanted), f"{name} received {wanted}")
        assert self.received(name) == wanted

    def received(self, name: str) -> list[str]:
        return self.center.received(self.agent(name).id)

    def acc(self, *words: str) -> str:
        """What a command prints on standard output; fails the test when it fails."""
        done = subprocess.run(
            (ACC, *words),
            cwd=self.center.repo,
            env=self.center.environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def listed(self) -> dict[str, str]:
        """State of each agent by its name, as the command line tells."""
        rows = [json.loads(line) for line in self.acc("list", "--json").splitlines()]
        return {row["name"]: row["state"] for row in rows}

    def worktree(self, name: str) -> Path:
        return Path(self.agent(name).order.worktree)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
