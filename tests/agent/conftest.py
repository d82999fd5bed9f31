"""Our agent on a scripted model."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.agent.stage import House
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate_git(monkeypatch)
    return make_repository(tmp_path)


@pytest.fixture(params=["anthropic", "openai"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def house(model: ScriptedModel, folder: Path, wire: str) -> AsyncIterator[House]:
    """One for each wire."""
    house = House(model, folder, wire)
    yield house
    await house.wire.close()


@pytest_asyncio.fixture
async def plain_house(model: ScriptedModel, folder: Path) -> AsyncIterator[House]:
    """For what does not depend on the wire."""
    house = House(model, folder)
    yield house
    await house.wire.close()
