"""Real agent CLIs make plans without a screen."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_center.domain.places import Places
from command_center.domain.tasks import Brief, TaskKind
from command_center.engine.planner import plan_with_cli
from command_center.store.catalog import load_catalog
from tests.agents import clis
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel

pytestmark = [pytest.mark.agents, pytest.mark.timeout(300)]

ENVIRONS: dict[str, Callable[[Path, str, Path], dict[str, str]]] = {
    "claude": clis.claude_env,
    "codex": clis.codex_env,
    "gemini": clis.gemini_env,
    "opencode": clis.opencode_env,
}
WRITES = {"claude": 'tool:Write|{"file_path":"pwned","content":"no"}'}
"""Where the tool that writes is not even offered."""
PLAN = {
    "tasks": [
        {"title": 'Look "twice"; $(touch pwned)', "kind": "research", "prompt": "Look.\n\tWell."},
        {"title": "Do it", "needs": [1], "touches": ["src/*.py"], "check": "true"},
    ]
}


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    isolate_git(monkeypatch)
    folder = Path(tempfile.mkdtemp(dir=clis.INSTALLED.resolve(), prefix="headless-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("name", ENVIRONS)
def test_a_real_cli_makes_a_plan_and_changes_nothing(
    name: str, root: Path, model: ScriptedModel
) -> None:
    if not clis.is_installed(name):
        pytest.skip(f"tests/agents/install.sh {name} has not run")
    repo = make_repository(root)
    before = sorted(repo.iterdir())
    environ = ENVIRONS[name](root / "user", model.url, repo)
    places = Places.of({"COMMAND_CENTER_HOME": str(root / "home")}, root)
    spec = load_catalog(places).specs[name]
    writes = WRITES.get(name, "write:pwned|no")
    goal = f"Cache it.\nSM[{writes} ;; say:{json.dumps(PLAN)}]SM"
    made = plan_with_cli(spec, goal, repo, environ, 200)
    first, second = made.tasks
    assert first == Brief(
        'Look "twice"; $(touch pwned)', prompt="Look.\n\tWell.", kind=TaskKind.RESEARCH
    )
    assert (second.needs, second.touches, second.check.command) == (
        ("#1",),
        ("src/*.py",),
        ("true",),
    )
    assert sorted(repo.iterdir()) == before
