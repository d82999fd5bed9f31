from pathlib import Path

import pytest

from command_center.domain.errors import NoSuchRef
from command_center.drivers.git import open_repository
from command_center.drivers.refs import branches, resolve
from tests.gitrepo import clone, commit, isolate_git, make_repository, run_git


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


async def test_branches_come_newest_first_without_the_remote_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = clone(make_repository(tmp_path), tmp_path / "clone")
    run_git(root, "checkout", "--quiet", "-b", "feature/ü")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2031-01-01T00:00:00Z")
    commit(root, "later")
    assert await branches(await open_repository(root)) == ["feature/ü", "main", "origin/main"]


async def test_a_ref_resolves_to_a_full_commit(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "tag", "--annotate", "--message=one", "v1")
    repo, commit_hash = await open_repository(root), run_git(root, "rev-parse", "HEAD")
    assert {await resolve(repo, ref) for ref in ("HEAD", "main", "v1", commit_hash[:8])} == {
        commit_hash
    }


async def test_an_unknown_ref_is_refused_with_near_ones(tmp_path: Path) -> None:
    repo = await open_repository(make_repository(tmp_path))
    with pytest.raises(NoSuchRef, match=r"'mian': no such .* did you mean main\?"):
        await resolve(repo, "mian")


@pytest.mark.parametrize("ref", ["", "--all", "-x", "a\0b", "main^{tree}", "#(id)", "a\x1b[31m b"])
async def test_a_hostile_ref_is_only_a_ref_that_is_not_there(tmp_path: Path, ref: str) -> None:
    repo = await open_repository(make_repository(tmp_path))
    with pytest.raises(NoSuchRef) as refused:
        await resolve(repo, ref)
    assert "\x1b" not in str(refused.value)
