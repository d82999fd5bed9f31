"""A real cluster for each file of tests; skipped where its programs are not installed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.center import Center
from tests.cluster.slurm import SBIN, Slurm
from tests.gitrepo import isolate_git, make_repository

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="module")
def slurm_cluster() -> Iterator[Slurm]:
    path = f"{os.environ['PATH']}:{SBIN}"
    missing = [
        name for name in ("munged", "slurmctld", "slurmd") if not shutil.which(name, path=path)
    ]
    if missing:
        pytest.skip(
            f"no {', '.join(missing)} here; tests/cluster/install_slurm.sh installs Slurm on Debian"
        )
    # A socket's path is short; pytest's own folders are not.
    with TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as folder:
        started = Slurm(Path(folder))
        try:
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture
def slurm(slurm_cluster: Slurm, monkeypatch: pytest.MonkeyPatch) -> Slurm:
    """With both nodes idle, and the programs of Slurm led to it."""
    for key, value in slurm_cluster.env.items():
        monkeypatch.setenv(key, value)
    slurm_cluster.all_idle()
    return slurm_cluster


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Center]:
    """Nobody supervises it yet."""
    isolate_git(monkeypatch)
    monkeypatch.setenv("COMMAND_CENTER_HOME", str(tmp_path / "home"))
    center = Center(tmp_path / "home", make_repository(tmp_path))
    yield center
    center.close()
