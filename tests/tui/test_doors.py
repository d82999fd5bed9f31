"""Which program opens in an agent's worktree."""

from pathlib import Path

import pytest

from command_center.domain.errors import NotFound
from command_center.store.settings import Settings
from command_center.tui.doors import editor_argv, shell_argv


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for a PATH, with an editor in it."""
    add(tmp_path, "ed")
    return tmp_path


def add(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_the_shell_is_the_users_own_unless_configured() -> None:
    assert list(shell_argv(Settings(), {"SHELL": "/bin/fish"})) == ["/bin/fish"]
    assert list(shell_argv(Settings(), {})) == ["sh"]
    assert list(shell_argv(Settings(shell=("nu", "-l")), {"SHELL": "/bin/fish"})) == ["nu", "-l"]


def test_a_configured_editor_gets_the_worktree_word_for_word(programs: Path) -> None:
    settings = Settings(editor=("ed", "--folder", "{worktree}"))
    argv = editor_argv(settings, {"PATH": str(programs)}, "/trees/a b; c")
    assert list(argv) == ["ed", "--folder", "/trees/a b; c"]


def test_lazygit_comes_before_the_environments_editor(programs: Path) -> None:
    environ = {"PATH": str(programs), "EDITOR": "ed -x", "VISUAL": ""}
    assert list(editor_argv(Settings(), environ, "/w")) == ["ed", "-x", "."]
    add(programs, "lazygit")
    assert list(editor_argv(Settings(), environ, "/w")) == ["lazygit"]


@pytest.mark.parametrize(
    ("settings", "environ", "told"),
    [
        (Settings(), {}, "no editor: install lazygit"),
        (Settings(), {"EDITOR": "vim 'x"}, "cannot be read"),
        (Settings(), {"EDITOR": "no-such-editor"}, "'no-such-editor' is not installed"),
        (Settings(editor=("gone", ".")), {"EDITOR": "ed"}, "'gone' is not installed"),
    ],
)
def test_what_is_missing_is_said(
    programs: Path, settings: Settings, environ: dict[str, str], told: str
) -> None:
    with pytest.raises(NotFound, match=told):
        editor_argv(settings, {"PATH": str(programs)} | environ, "/w")
