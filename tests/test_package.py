"""What is built is complete: specs and layouts are found wherever it was installed from."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KINDS = ("agents", "layouts")
SPECS = sorted(file.name for kind in KINDS for file in (ROOT / kind).glob("*.toml"))


def build(project: Path, into: Path, *kinds: str) -> Path:
    """Builds without isolation, so that no network is needed; returns `into`."""
    targets = [word for kind in kinds for word in ("--target", kind)]
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(into), *targets]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    return into


def specs_found_by(place: Path | None, cwd: Path) -> list[str]:
    """What a fresh interpreter finds when the package is imported from `place`."""
    code = (
        "import sys; place = sys.argv[1]; place and sys.path.insert(0, place)\n"
        "import command_center; from command_center.store.shipped import shipped\n"
        "assert command_center.__file__.startswith(place), command_center.__file__\n"
        "files = [f.name for kind in ('agents', 'layouts') for f in shipped(kind).iterdir()]\n"
        "print(*sorted(name for name in files if name.endswith('.toml')))"
    )
    command = [sys.executable, "-c", code, str(place or "")]
    return subprocess.check_output(command, cwd=cwd, text=True).split()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"), "wheel", "sdist")


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    [wheel] = built.glob("*.whl")
    return wheel


def test_an_installed_wheel_finds_its_specs(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    assert specs_found_by(tmp_path / "installed", tmp_path) == SPECS


def test_the_training_tasks_come_along_in_a_wheel(wheel: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path\n"
        "from command_center.training import bundle\n"
        "assert bundle.__file__.startswith(sys.argv[1]), bundle.__file__\n"
        "for name in bundle.NAMES: bundle.copy_task(name, Path(name))"
    )
    subprocess.run([sys.executable, "-c", code, str(wheel)], cwd=tmp_path, check=True)
    assert len(list(tmp_path.glob("*/train.py"))) == 3


def test_a_zipped_program_finds_its_specs(wheel: Path, tmp_path: Path) -> None:
    assert specs_found_by(wheel, tmp_path) == SPECS


def test_a_checkout_finds_its_specs(tmp_path: Path) -> None:
    assert specs_found_by(None, tmp_path) == SPECS


def test_the_wheel_can_be_built_from_the_source_archive(built: Path, tmp_path: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    [again] = build(source, tmp_path / "dist", "wheel").glob("*.whl")
    assert specs_found_by(again, tmp_path) == SPECS


def test_the_wheel_holds_nothing_that_git_ignores(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if name.endswith(".pyc") or "_cache" in name]
