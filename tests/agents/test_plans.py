"""Plan windows and limits of real CLIs, as a subscription's server tells them."""

import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain import intents as want, limit_events as lim
from command_center.domain.model import Agent, State
from command_center.domain.usage import Context, RateWindow
from command_center.store.usage_view import UsageView
from tests.agents.cases import chosen
from tests.agents.clis import INSTALLED, claude_env, codex_env, is_installed
from tests.agents.test_end_to_end import SECONDS
from tests.center import Center
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel

pytestmark = [pytest.mark.agents, pytest.mark.timeout(240)]


@pytest_asyncio.fixture
async def subscriber(
    model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Center]:
    """A center for somebody with a subscription and a status line of their own."""
    isolate_git(monkeypatch)
    root = Path(tempfile.mkdtemp(dir=INSTALLED.resolve(), prefix="plan-"))
    repo = make_repository(root)
    env = claude_env(root / "user", model.url, repo)
    del env["ANTHROPIC_AUTH_TOKEN"]
    env |= codex_env(root / "user", model.url, repo) | {
        "CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-scripted"
    }
    status = {"type": "command", "command": "wc -c >mine; echo MY LINE"}
    (root / "user" / "claude" / "settings.json").write_text(json.dumps({"statusLine": status}))
    center = Center(root / "home", repo, env)
    center.places.settings.parent.mkdir(parents=True, exist_ok=True)
    center.places.settings.write_text("[limits]\npause = [1, 2]\n", "utf-8")
    center.start_supervisor()
    try:
        yield center
    finally:
        center.close()
        shutil.rmtree(root, ignore_errors=True)


async def launched(center: Center, spec: str, prompt: str) -> Agent:
    launch = want.Launch(spec, str(center.repo), prompt, mode="ask", comes_back=True)
    answer = await center.answer(launch)
    assert not answer.is_refused, answer.text
    return center.fleet.agents[answer.agent]


def screen(center: Center, agent: Agent) -> str:
    return center.tmux("capture-pane", "-p", "-t", agent.pane)


async def test_a_status_line_tells_windows_and_context_and_leaves_the_users_own(
    subscriber: Center,
) -> None:
    if "claude" not in chosen() or not is_installed("claude"):
        pytest.skip("claude is not installed")
    prompt = "SM[rl:42 ;; u:100,20,2000,300,0 ;; say:Hello.]SM"
    ada = await launched(subscriber, "claude", prompt)

    def windows() -> list[RateWindow]:
        if not subscriber.places.usage.exists():
            return []
        with UsageView(subscriber.places.usage) as view:
            return [window for _, window in view.windows()]

    await subscriber.until(lambda _: len(windows()) == 2, SECONDS)
    by_length = {window.minutes: window for window in windows()}
    assert {minutes: window.used for minutes, window in by_length.items()} == {300: 42, 10080: 21}
    assert time.time() < by_length[300].resets_at < by_length[10080].resets_at

    def context() -> Context | None:
        with UsageView(subscriber.places.usage) as view:
            known = {seen.name: seen.context for seen in view.sessions()}
        return known.get(ada.session)

    await subscriber.until(lambda _: context() == Context(2400, 1_000_000), SECONDS)
    await subscriber.until(lambda _: "MY LINE" in screen(subscriber, ada), SECONDS)
    assert int(Path(ada.order.worktree, "mine").read_text()) > 100


async def test_an_agent_at_its_plans_limit_goes_on_once(
    subscriber: Center, model: ScriptedModel
) -> None:
    if "codex" not in chosen() or not is_installed("codex"):
        pytest.skip("codex is not installed")
    ada = await launched(subscriber, "codex", "SM[limit:70,1 ;; say:Done.]SM")
    ada = await subscriber.agent_until(ada.id, lambda a: a.state is State.LIMITED, SECONDS)
    ada = await subscriber.agent_until(ada.id, lambda a: "resumes" in a.reason, SECONDS)
    until = ada.limited_until
    await subscriber.agent_until(ada.id, lambda a: len(a.receipts) == 2, 150)
    ada = await subscriber.agent_until(ada.id, lambda a: a.receipts[1].delivery.is_over, SECONDS)
    assert time.time() >= until
    assert [p for p in model.prompts() if p == "continue"] == ["continue"]
    events = (record.event for record in subscriber.view.records())
    assert sum(isinstance(event, lim.ComebackIntended) for event in events) == 1
