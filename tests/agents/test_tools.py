"""Real CLIs call our tools: one makes a task that another carries out, and nobody is asked."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.asks import Verdict
from command_center.domain.intents import Answer, Interrupt, Launch
from command_center.domain.model import Agent, State
from command_center.domain.scopes import Scope
from command_center.domain.task_intents import AssignTask, QueueTask
from command_center.domain.tasks import Life
from tests.agents.clis import INSTALLED, claude_env, codex_env, is_installed, opencode_env
from tests.agents.test_end_to_end import SECONDS
from tests.center import Center
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel

pytestmark = [
    pytest.mark.agents,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not (is_installed("claude") and is_installed("codex")), reason="not installed"
    ),
]

OURS = {
    "claude": "mcp__command-center__",
    "codex": "mcp__command_center.",
    "opencode": "command-center_",
}
"""How each names our tools to its model."""
SETTLES = {"claude": "wait:3", "codex": "sh:sleep 3", "opencode": "wait:3"}
"""A CLI may begin its first turn before it has our tools."""
INNER = r"\u0053M[write:made.txt|by a task \u003b\u003b say:Written.]\u0053M"
"""A script within JSON within a script."""


@pytest_asyncio.fixture
async def both(model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Center]:
    isolate_git(monkeypatch)
    root = Path(tempfile.mkdtemp(dir=INSTALLED.resolve(), prefix="tools-"))
    repo = make_repository(root)
    env = claude_env(root / "user", model.url, repo)
    env |= codex_env(root / "user", model.url, repo) | opencode_env(root / "user", model.url)
    center = Center(root / "home", repo, env)
    center.start_supervisor()
    try:
        yield center
    finally:
        center.close()
        shutil.rmtree(root, ignore_errors=True)


async def launched(center: Center, spec: str, *steps: str) -> Agent:
    prompt = f"SM[{' ;; '.join(steps)}]SM" if steps else ""
    launch = Launch(
        spec, str(center.repo), prompt, mode="edits", trusts_repo=True, scopes=tuple(Scope)
    )
    answer = await center.answer(launch)
    assert not answer.is_refused, answer.text
    return center.fleet.agents[answer.agent]


async def idle(center: Center, agent: Agent) -> Agent:
    def is_done(now: Agent) -> bool:
        return now.state is State.IDLE and all(r.delivery.is_over for r in now.receipts)

    return await center.agent_until(agent.id, is_done, SECONDS)


def call(spec: str, name: str, arguments: str) -> str:
    return f"tool:{OURS[spec]}{name}|{arguments}"


@pytest.mark.parametrize(("maker", "doer"), [("claude", "codex"), ("codex", "claude")])
async def test_one_cli_makes_a_task_that_another_carries_out(
    both: Center, maker: str, doer: str
) -> None:
    worker = await idle(both, await launched(both, doer))
    propose = call(maker, "propose_task", f'{{"title":"Write it","prompt":"{INNER}"}}')
    ada = await launched(both, maker, SETTLES[maker], propose, "say:Proposed.")
    await both.until(lambda fleet: "T1" in fleet.tasks, SECONDS)
    await idle(both, ada)
    task = both.fleet.tasks["T1"]
    assert (task.life, task.by) == (Life.DRAFT, ada.id)
    await both.answer(QueueTask("T1"))
    await both.answer(AssignTask("T1", worker.id))
    fleet = await both.until(lambda fleet: fleet.tasks["T1"].life is Life.CHECK, SECONDS)
    assert fleet.tasks["T1"].agent == worker.id
    assert Path(worker.order.worktree, "made.txt").read_text().strip() == "by a task"


@pytest.mark.parametrize("spec", [name for name in OURS if is_installed(name)])
async def test_a_question_asked_by_tool_waits_for_the_user(both: Center, spec: str) -> None:
    ask = call(spec, "ask_user", '{"question":"Blue or red?","choices":["blue","red"]}')
    ada = await launched(both, spec, SETTLES[spec], ask, ask, "say:Thanks.")
    seen = await both.agent_until(ada.id, lambda a: a.asks is not None, SECONDS)
    assert seen.asks is not None
    assert (seen.state, seen.asks.text) == (State.WAITING, "Blue or red?")
    answered = await both.answer(Answer(ada.id, seen.asks.id, Verdict.CHOICE, 2))
    assert not answered.is_refused, answered.text
    first = seen.asks.id
    await both.agent_until(ada.id, lambda a: a.asks is not None and a.asks.id != first, SECONDS)
    await both.answer(Interrupt(ada.id))
    seen = await both.agent_until(ada.id, lambda a: a.state is State.IDLE, SECONDS)
    assert seen.plea is None
