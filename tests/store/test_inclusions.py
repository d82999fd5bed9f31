import os
from pathlib import Path

import pytest

from command_center.domain.errors import IntentError
from command_center.store.inclusions import LONGEST_FILE, MOST_FILES, include


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "repo"
    (folder / "src").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[core]")
    (folder / "src" / "a.py").write_text("print(1)\n")
    (folder / "a b.md").write_text("```\nx\n```")
    return folder


def test_a_file_that_is_named_comes_along_once(root: Path) -> None:
    found = include("Mend @src/a.py, as (@src/a.py) says.", root)
    assert found.text == "Mend src/a.py, as (src/a.py) says.\n\nsrc/a.py:\n\n```\nprint(1)\n```"
    assert found.files == ("src/a.py",)


def test_a_name_in_quotes_may_have_blanks_and_nothing_in_a_file_ends_its_block(root: Path) -> None:
    found = include('See @"a b.md".', root)
    assert found.text == 'See "a b.md".\n\na b.md:\n\n````\n```\nx\n```\n````'


@pytest.mark.parametrize(
    "text",
    [
        "@property\n@app.route('/x')",
        "ask @ada or me@src/a.py",
        "@src and @src/",
        "@nowhere/x.py",
        "@../nowhere",
        "@~/secret.txt",
        "@\0",
        f"@{'x' * 5000}",
        "@",
    ],
)
def test_what_is_no_file_stays_as_it_is(root: Path, text: str) -> None:
    assert include(text, root) == include(text, root.parent / "nowhere")
    assert include(text, root).text == text


@pytest.mark.parametrize(
    "name", ["../secret.txt", "src/../../secret.txt", ".git/config", "link", "SECRET", "folder/x"]
)
def test_nothing_outside_of_the_repository_is_read(root: Path, name: str) -> None:
    (root / "link").symlink_to(root.parent / "secret.txt")
    (root / "folder").symlink_to(root.parent / "other")
    (root.parent / "other").mkdir()
    (root.parent / "other" / "x").write_text("x")
    name = name.replace("SECRET", str(root.parent / "secret.txt"))
    with pytest.raises(IntentError, match="outside"):
        include(f"@{name}", root)


def test_only_text_comes_along(root: Path) -> None:
    (root / "blob").write_bytes(b"\xff")
    (root / "nul").write_bytes(b"a\0b")
    os.mkfifo(root / "pipe")
    for name in ("blob", "nul", "pipe"):
        with pytest.raises(IntentError, match="no file with text"):
            include(f"@{name}", root)


def test_too_much_is_refused(root: Path) -> None:
    (root / "big").write_text("x" * (LONGEST_FILE + 1))
    with pytest.raises(IntentError, match="100,001 bytes"):
        include("@big", root)
    for number in range(MOST_FILES + 1):
        (root / f"f{number}").write_text("x")
    with pytest.raises(IntentError, match="too much"):
        include(" ".join(f"@f{number}" for number in range(MOST_FILES + 1)), root)
    for number in range(3):
        (root / f"f{number}").write_text("x" * LONGEST_FILE)
    with pytest.raises(IntentError, match="too much"):
        include("@f0 @f1 @f2", root)
