"""Plans by real SDKs on a scripted model, and by programs that stand for agent CLIs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.errors import IntentError, ModelError, OverBudget
from command_center.domain.niches import Provider
from command_center.domain.plans import LONGEST_GOAL
from command_center.domain.specs import AgentSpec, parse
from command_center.domain.tasks import Brief, TaskKind
from command_center.engine import planner
from command_center.engine.planner import files_of, headless_specs, plan_with_cli, plan_with_model
from tests.cli.house import wait_for
from tests.gitrepo import make_repository
from tests.models.asking import ledger, router, told
from tests.scripted import ScriptedModel

FAKE = str(Path(__file__).parent / "fake_cli.py")
LINES: dict[str, object] = {"answer": "part.text", "where": {"type": "answer"}}
WHOLE: dict[str, object] = {"answer": "result"}
GOOD = json.dumps({"tasks": [{"title": "Look", "kind": "research"}, {"title": "Do", "needs": [1]}]})
CIRCLE = json.dumps({"tasks": [{"title": "a", "needs": [2]}, {"title": "b", "needs": [1]}]})
BRIEFS = (Brief("Look", kind=TaskKind.RESEARCH), Brief("Do", needs=("#1",)))
BOTH = pytest.mark.parametrize("provider", Provider)


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


def cli(how: dict[str, object], *words: str) -> AgentSpec:
    table: dict[str, object] = {
        "id": "fake",
        "name": "Fake",
        "binary": {"names": ["${python}"]},
        "launch": {"argv": ["${binary}"], "drop_env": ["SECRET"]},
        "headless": {"argv": ["${binary}", FAKE, *words], **how},
    }
    return parse(table, "fake.toml")


def by_cli(spec: AgentSpec, repo: Path, goal: str = "cache it", seconds: float = 60.0) -> object:
    return plan_with_cli(spec, goal, repo, os.environ, seconds).tasks


@BOTH
def test_a_model_makes_a_plan(
    provider: Provider, model: ScriptedModel, repo: Path, tmp_path: Path
) -> None:
    made = plan_with_model(router(model, provider, tmp_path), told(provider, GOOD), repo)
    assert made.tasks == BRIEFS
    assert made.by == "scripted-1 (frontier)"
    assert made.dollars == pytest.approx(ledger(tmp_path).since("", 0.0)[0].dollars)


@BOTH
def test_a_circle_goes_back_to_the_model(
    provider: Provider, model: ScriptedModel, repo: Path, tmp_path: Path
) -> None:
    made = plan_with_model(router(model, provider, tmp_path), told(provider, CIRCLE, GOOD), repo)
    assert made.tasks == BRIEFS
    assert len(model.requests) == 2


def test_a_goal_of_an_absurd_size_is_not_sent(
    model: ScriptedModel, repo: Path, tmp_path: Path
) -> None:
    with pytest.raises(IntentError, match="a goal of"):
        plan_with_model(router(model, Provider.OPENAI, tmp_path), "x" * (LONGEST_GOAL + 1), repo)
    assert model.requests == []


def test_a_plan_over_budget_is_not_made(model: ScriptedModel, repo: Path, tmp_path: Path) -> None:
    with pytest.raises(OverBudget):
        plan_with_model(router(model, Provider.OPENAI, tmp_path, "1ktok"), "cache it", repo)


@pytest.mark.parametrize(("how", "shape"), [("lines", LINES), ("whole", WHOLE)])
def test_a_cli_makes_a_plan(how: str, shape: dict[str, object], repo: Path) -> None:
    assert by_cli(cli(shape, how, GOOD), repo) == BRIEFS
    asked = (repo / "asked").read_text()
    assert asked.endswith("The goal:\n\ncache it\0")
    assert '"needs"' in asked


def test_a_cli_is_told_once_what_was_wrong(repo: Path) -> None:
    assert by_cli(cli(LINES, "lines", CIRCLE, GOOD), repo) == BRIEFS
    assert "could not be used: tasks #1 needs #2 needs #1" in (repo / "asked").read_text()


def test_a_cli_that_never_makes_a_plan_is_an_error(repo: Path) -> None:
    with pytest.raises(ModelError, match="Fake: its answer cannot be used: "):
        by_cli(cli(LINES, "lines", "I would rather not."), repo)
    assert (repo / "asked").read_text().count("\0") == 2


def test_a_goal_is_only_ever_text(repo: Path) -> None:
    goal = "-rf $(touch pwned) `touch pwned`; touch pwned\n#{session_name} \x1b[2J"
    by_cli(cli(WHOLE, "whole", GOOD), repo, goal)
    assert not (repo / "pwned").exists()
    assert "\x1b" not in (repo / "asked").read_text()


def test_variables_that_mislead_a_cli_are_taken_away(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", GOOD)
    how: dict[str, object] = {"answer": "secret"}
    with pytest.raises(ModelError, match="no answer in what it printed"):
        by_cli(cli(how, "whole", "none"), repo)


def test_a_cli_that_fails_says_why_in_plain_text(repo: Path) -> None:
    with pytest.raises(ModelError, match=r"exit status 1: no credit left$"):
        by_cli(cli(WHOLE, "fail"), repo)


def test_a_cli_that_hangs_is_ended_with_all_it_started(repo: Path) -> None:
    with pytest.raises(ModelError, match="no answer within 2 s"):
        by_cli(cli(WHOLE, "hang"), repo, seconds=2)
    group = int((repo / "pid").read_text())

    def is_gone() -> bool:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(is_gone, "the process group is gone")


def test_a_cli_that_floods_is_ended(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command_center.drivers.headless.MOST_BYTES", 4_000_000)
    with pytest.raises(ModelError, match="it printed far too much"):
        by_cli(cli(WHOLE, "flood"), repo)


def test_only_what_is_installed_and_headless_is_offered() -> None:
    here = cli(WHOLE, "whole")
    missing = parse(
        {
            "id": "gone",
            "name": "Gone",
            "binary": {"names": ["no-such-program"]},
            "launch": {"argv": ["x"]},
            "headless": {"argv": ["${binary}"], "answer": "a"},
        },
        "gone.toml",
    )
    assert list(headless_specs([missing, here], {"PATH": os.environ["PATH"]})) == [here]


def test_a_folder_without_git_has_no_files(tmp_path: Path) -> None:
    assert files_of(tmp_path / "nowhere") == []


def test_the_planner_loads_no_sdk_before_it_asks() -> None:
    code = f"import sys, {planner.__name__}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert {"anthropic", "openai", "genai_prices"}.isdisjoint(loaded)
