"""Real agent CLIs, supervised by us, on a scripted model."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.agents.cases import CASES, Case, Stage
from tests.agents.clis import INSTALLED
from tests.center import Center
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


@pytest.fixture(params=CASES, ids=lambda case: case.spec)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


@pytest_asyncio.fixture
async def stage(
    case: Case, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A supervisor with one real CLI on its PATH. Outside /tmp, where CLIs' sandboxes may write."""
    isolate_git(monkeypatch)
    root = Path(tempfile.mkdtemp(dir=INSTALLED.resolve(), prefix="stage-"))
    repo = make_repository(root)
    center = Center(root / "home", repo, case.environ(root / "user", model.url, repo))
    try:
        yield Stage(case, center, model, center.start_supervisor())
    finally:
        center.close()
        shutil.rmtree(root, ignore_errors=True)
