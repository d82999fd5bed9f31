import os
from pathlib import Path

import pytest

from command_center.domain.errors import GitError
from command_center.domain.model import Repo
from command_center.drivers.git import open_repository
from command_center.drivers.include import include_files
from command_center.drivers.worktrees import Worktrees
from tests.gitrepo import clone, commit, isolate_git, make_repository, run_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
async def repo(tmp_path: Path) -> Repo:
    root = make_repository(tmp_path)
    write(root / ".gitignore", ".env*\nnode_modules/\nlinked/\n*.secret\n")
    commit(root, "ignore")
    return await open_repository(root)


@pytest.fixture
async def tree(repo: Repo, tmp_path: Path) -> Path:
    return (await Worktrees().add(repo, tmp_path / "wt", "ada", "main")).path


def include(repo: Repo, *lines: str) -> Path:
    root = Path(repo.root)
    write(root / ".worktreeinclude", "".join(f"{line}\n" for line in lines))
    return root


async def test_without_a_list_nothing_is_carried(repo: Repo, tree: Path) -> None:
    write(Path(repo.root) / ".env", "KEY=1")
    assert await include_files(repo, tree) == ()


async def test_matching_ignored_files_are_copied_with_mode_and_time(repo: Repo, tree: Path) -> None:
    root = include(repo, "# comment", "", ".env", "!.env.other")
    write(root / ".env", "KEY=1").chmod(0o600)
    write(root / "deep/er/.env", "KEY=2")
    write(root / ".env.other", "no")
    os.utime(root / ".env", (1000, 1000))
    assert set(await include_files(repo, tree)) == {".env", "deep/er/.env"}
    copied = (tree / ".env").stat()
    assert (copied.st_mode & 0o777, copied.st_mtime) == (0o600, 1000)
    assert (tree / "deep/er/.env").read_text() == "KEY=2"
    assert not (tree / ".env.other").exists()
    assert run_git(tree, "status", "--porcelain") == ""


async def test_a_copy_is_the_worktrees_own(repo: Repo, tree: Path) -> None:
    root = include(repo, ".env")
    write(root / ".env", "KEY=1")
    await include_files(repo, tree)
    write(tree / ".env", "changed")
    assert (root / ".env").read_text() == "KEY=1"


async def test_files_that_git_does_not_ignore_are_not_carried(repo: Repo, tree: Path) -> None:
    root = include(repo, "*")
    write(root / "untracked.txt", "mine")
    write(root / "a b.secret", "yes")
    assert await include_files(repo, tree) == ("a b.secret",)


async def test_a_folder_is_copied_whole(repo: Repo, tree: Path) -> None:
    root = include(repo, "node_modules/")
    write(root / "node_modules/x/index.js", "x")
    (root / "node_modules/link").symlink_to("x/index.js")
    assert len(await include_files(repo, tree)) == 2
    assert (tree / "node_modules/x/index.js").read_text() == "x"
    assert (tree / "node_modules/link").readlink() == Path("x/index.js")


async def test_a_folder_is_linked_by_one_link(repo: Repo, tree: Path) -> None:
    root = include(repo, "link:linked/", "link: .env")
    write(root / "linked/a", "a")
    write(root / "linked/b/c", "c")
    write(root / ".env", "KEY=1")
    assert set(await include_files(repo, tree)) == {"linked", ".env"}
    assert (tree / "linked").readlink() == root / "linked"
    assert (tree / ".env").readlink() == root / ".env"


async def test_what_the_worktree_has_already_stays(repo: Repo, tree: Path) -> None:
    root = include(repo, ".env")
    write(root / ".env", "theirs")
    write(tree / ".env", "ours")
    assert await include_files(repo, tree) == ()
    assert (tree / ".env").read_text() == "ours"


async def test_a_link_in_the_worktree_does_not_lead_outside(
    repo: Repo, tree: Path, tmp_path: Path
) -> None:
    root = include(repo, ".env", "link:.env.linked")
    write(root / "conf/.env", "KEY=1")
    write(root / "conf/.env.linked", "KEY=1")
    (tmp_path / "outside").mkdir()
    (tree / "conf").symlink_to(tmp_path / "outside")
    assert await include_files(repo, tree) == ()
    assert list((tmp_path / "outside").iterdir()) == []


async def test_odd_names_and_pipes_do_no_harm(repo: Repo, tree: Path) -> None:
    root = include(repo, "*.secret")
    odd = (":(bogus)x.secret", "-n.secret", "#(id).secret", "new\nline.secret", "ü.secret")
    for name in odd:
        write(root / name, name)
    os.mkfifo(root / "pipe.secret")
    assert set(await include_files(repo, tree)) == set(odd)


async def test_a_bare_repository_has_nothing_to_carry(repo: Repo, tree: Path) -> None:
    bare = clone(Path(repo.root), tree.parent / "bare.git", "--bare")
    assert await include_files(await open_repository(bare), tree) == ()


async def test_a_list_that_cannot_be_read_is_said_so(repo: Repo, tree: Path) -> None:
    (include(repo) / ".worktreeinclude").write_bytes(b"\xff\xfe")
    with pytest.raises(GitError, match=r"\.worktreeinclude: cannot be read"):
        await include_files(repo, tree)
