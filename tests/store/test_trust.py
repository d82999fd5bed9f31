from pathlib import Path

import pytest

from command_center.domain.errors import SpecError
from command_center.store.trust import TrustStore, content_hash


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "repo" / ".command-center"
    (folder / "agents").mkdir(parents=True)
    (folder / "config.toml").write_text("setup = 'make'")
    (folder / "agents" / "x.toml").write_text("id = 'x'")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "state" / "trust.json")


def test_nothing_is_trusted_unasked(store: TrustStore, folder: Path) -> None:
    assert not store.trusts(folder)


def test_trust_lasts(store: TrustStore, folder: Path, tmp_path: Path) -> None:
    store.trust(folder)
    assert TrustStore(tmp_path / "state" / "trust.json").trusts(folder)


@pytest.mark.parametrize("change", ["edited", "added", "removed", "renamed", "moved"])
def test_a_change_needs_trust_anew(store: TrustStore, folder: Path, change: str) -> None:
    store.trust(folder)
    config = folder / "config.toml"
    match change:
        case "edited":
            config.write_text("setup = 'rm -r'")
        case "added":
            (folder / "agents" / "y.toml").touch()
        case "removed":
            config.unlink()
        case "renamed":
            config.rename(folder / "settings.toml")
        case "moved":
            config.rename(folder / "agents" / "config.toml")
    assert not store.trusts(folder)


def test_a_copy_elsewhere_is_not_trusted(store: TrustStore, folder: Path, tmp_path: Path) -> None:
    store.trust(folder)
    other = tmp_path / "other"
    folder.rename(other)
    assert not store.trusts(other)


def test_a_folder_is_trusted_under_any_of_its_paths(
    store: TrustStore, folder: Path, tmp_path: Path
) -> None:
    store.trust(folder)
    (tmp_path / "link").symlink_to(folder.parent)
    assert store.trusts(tmp_path / "link" / folder.name)


def test_trusting_one_folder_keeps_the_others(
    store: TrustStore, folder: Path, tmp_path: Path
) -> None:
    store.trust(folder)
    store.trust(tmp_path / "state")
    assert store.trusts(folder)


@pytest.mark.parametrize("link", ["agents/more", "config.toml", "."])
def test_what_a_link_leads_to_cannot_be_trusted(
    store: TrustStore, folder: Path, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    if link == ".":
        folder = folder.rename(tmp_path / "real")
        (tmp_path / "linked").symlink_to(folder)
        folder = tmp_path / "linked"
    else:
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(outside)
    with pytest.raises(SpecError, match="a symbolic link cannot be trusted"):
        store.trust(folder)
    assert not store.trusts(folder)


def test_bytes_cannot_move_between_names(tmp_path: Path) -> None:
    hashes = set()
    for number, files in enumerate([{"a": "bc"}, {"ab": "c"}, {"a": "", "bc": ""}]):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        hashes.add(content_hash(folder))
    assert len(hashes) == 3


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"a": "\xff"}'])
def test_a_damaged_store_trusts_nobody(
    store: TrustStore, folder: Path, tmp_path: Path, damage: bytes
) -> None:
    store.trust(folder)
    (tmp_path / "state" / "trust.json").write_bytes(damage)
    assert not store.trusts(folder)
