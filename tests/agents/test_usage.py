"""What the real CLIs write adds up to what the model served, and to what ccusage counts."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.cases import chosen as among
from tests.agents.clis import INSTALLED, is_installed
from tests.agents.one_shot import CLIS, Headless, converse
from tests.gitrepo import isolate_git
from tests.scripted.server import ScriptedModel

pytestmark = [pytest.mark.agents, pytest.mark.timeout(240)]

FIRST = "SM[u:100,20,2000,300,7 ;; sh:echo one ;; u:110,21,2100,10,0 ;; say:First.]SM"
SECOND = "SM[u:130,23,2300,30,0 ;; par:echo a %% echo b ;; u:140,24,2400,40,3 ;; say:Second.]SM"


@pytest.fixture(params=CLIS, ids=lambda cli: cli.spec)
def cli(request: pytest.FixtureRequest) -> Headless:
    chosen: Headless = request.param
    if chosen.spec not in among():
        pytest.skip("not among AGENTS")
    if not is_installed(chosen.spec):
        pytest.skip(f"tests/agents/install.sh {chosen.spec}")
    return chosen


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    isolate_git(monkeypatch)
    root = Path(tempfile.mkdtemp(dir=INSTALLED, prefix="usage-"))
    monkeypatch.setenv("HOME", str(root / "user"))
    yield root
    shutil.rmtree(root, ignore_errors=True)


def test_totals_equal_what_was_served_and_what_ccusage_counts(
    cli: Headless, model: ScriptedModel, root: Path
) -> None:
    told = converse(cli, root, model, [(cli.run, FIRST), (cli.resume, SECOND), *cli.more])
    assert told.served.read
    assert told.differences(cli) == []
