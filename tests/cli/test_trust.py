from pathlib import Path

import pytest

from command_center.domain.places import Places
from command_center.store.trust import TrustStore
from tests.cli.house import House


@pytest.fixture
def own(repo: Path) -> Path:
    folder = repo / ".command-center"
    folder.mkdir()
    (folder / "config.toml").write_text('setup = "make setup"\n')
    return folder


def is_trusted(places: Places, own: Path) -> bool:
    return TrustStore(places.trust).trusts(own)


def test_the_files_are_shown_and_a_yes_trusts_them(house: House, own: Path) -> None:
    result = house.run("trust", stdin="y\n")
    assert result.exit_code == 0
    assert f"{own}/config.toml 21 bytes" in result.stderr
    assert is_trusted(house.places, own)


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_anything_but_yes_changes_nothing(house: House, own: Path, answer: str) -> None:
    result = house.run("trust", stdin=answer)
    assert (result.exit_code, result.stdout) == (1, "")
    assert not is_trusted(house.places, own)


def test_a_changed_file_needs_trust_anew(house: House, own: Path) -> None:
    house.run("trust", "--yes")
    (own / "config.toml").write_text('setup = "rm -rf ."\n')
    assert not is_trusted(house.places, own)
    assert house.run("trust", stdin="n\n").exit_code == 1


def test_trusted_files_are_not_asked_about_again(house: House, own: Path) -> None:
    house.run("trust", "--yes")
    [row] = house.rows("trust", str(own.parent / "src"))
    assert (row["is_trusted"], row["files"]) == (True, ["config.toml"])


def test_a_repository_without_such_a_folder_has_nothing_to_trust(house: House, repo: Path) -> None:
    result = house.run("trust")
    assert result.exit_code == 3
    assert f"{repo}/.command-center: there is no such folder" in result.stderr
