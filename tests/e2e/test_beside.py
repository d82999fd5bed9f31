"""What opens beside the dashboard, in a real terminal: screens, shells, editors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.center import Center
from tests.e2e.conftest import Crew, Open
from tests.e2e.screen import SMALL, Screen, until
from tests.e2e.stage import Stage

pytestmark = pytest.mark.usefixtures("calm")

SHELL = """#!/bin/sh
printf '%s\\n' "$PWD agent=$ACC_AGENT" >"$0.told"
exec sh
"""
EDITOR = """#!/bin/sh
printf '%s\\n' "$PWD $*" >>"$0.told"
exec sleep 100000
"""


@pytest.fixture(scope="module", autouse=True)
def programs(center: Center) -> Path:
    """A shell and an editor that write down where they ran; `acc` is told of them."""
    folder = center.home / "programs"
    folder.mkdir()
    for name, text in (("shell", SHELL), ("editor", EDITOR)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    lines = (
        'spec = "echo"',
        f'shell = ["{folder}/shell"]',
        f'editor = ["{folder}/editor", "{{worktree}}"]',
        f'terminal = ["{folder}/shell", "-e", "{{command}}"]',
    )
    center.places.settings.write_text("\n".join(lines), "utf-8")
    return folder


def told(programs: Path, name: str) -> str:
    file = programs / f"{name}.told"
    until(lambda: file.exists() and file.read_text().endswith("\n"), f"{name} ran")
    text = file.read_text()
    file.unlink()
    return text.strip()


def selected(screen: Screen) -> str:
    """The pane that has the keyboard."""
    return screen.tmux("display-message", "-p", "#{pane_id}").strip()


@pytest.mark.parametrize("key", ["o", "O"])
def test_a_screen_pops_out_and_the_same_key_brings_it_back(
    stage: Stage, crew: Crew, key: str
) -> None:
    screen, name = stage.screen, crew("pop" if key == "o" else "window")
    stage.launch(name)
    screen.choose(name)
    screen.press(key)
    screen.until(lambda _: len(screen.panes()) == 2)
    assert screen.windows() == (1 if key == "o" else 2)
    screen.until_shown(">", pane=screen.panes()[1])
    screen.until_row(name, "⧉")
    screen.press(key)
    screen.until(lambda _: len(screen.panes()) == 1)
    screen.until(lambda text: "⧉" not in text)
    screen.until_row(name, "idle")


def test_a_new_dashboard_knows_what_the_last_one_opened(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("kept")
    stage.launch(name)
    screen.choose(name)
    screen.press("O")
    screen.until_row(name, "⧉")
    screen.press("q")
    screen.until(lambda _: screen.is_over)
    screen.start_again()
    screen.until_shown("n new")
    screen.choose(name)
    screen.until_row(name, "⧉")
    screen.press("O")
    screen.until(lambda _: len(screen.panes()) == 1)


def test_t_opens_one_shell_in_the_worktree_and_finds_it_again(
    stage: Stage, crew: Crew, programs: Path
) -> None:
    screen, name = stage.screen, crew("paired")
    stage.launch(name)
    screen.choose(name)
    screen.press("t")
    assert told(programs, "shell") == f"{stage.worktree(name)} agent="
    [shell] = screen.panes()[1:]
    screen.tmux("select-pane", "-t", screen.pane)
    screen.press("t")
    screen.until(lambda _: selected(screen) == shell)
    assert screen.panes() == [screen.pane, shell]
    screen.type_text("exit\n", pane=shell)
    screen.until(lambda _: screen.panes() == [screen.pane])


def test_e_opens_the_editor_on_the_worktree(stage: Stage, crew: Crew, programs: Path) -> None:
    screen, name = stage.screen, crew("edited")
    stage.launch(name)
    worktree = stage.worktree(name)
    screen.choose(name)
    screen.press("e")
    assert told(programs, "editor") == f"{worktree} {worktree}"
    screen.until(lambda _: len(screen.panes()) == 2)
    screen.tmux("kill-pane", "-t", screen.panes()[1])


@pytest.fixture(scope="module")
def bare(open_dashboard: Open) -> Iterator[Stage]:
    """A dashboard that runs in no tmux."""
    stage = open_dashboard(SMALL, "env", "-u", "TMUX", "-u", "TMUX_PANE")
    yield stage
    stage.screen.close()


def test_outside_tmux_the_shell_takes_the_place_and_gives_it_back(
    bare: Stage, crew: Crew, programs: Path
) -> None:
    screen, name = bare.screen, crew("alone")
    bare.launch(name)
    screen.choose(name)
    screen.press("t")
    assert told(programs, "shell") == f"{bare.worktree(name)} agent="
    screen.until_hidden("q quit")
    screen.type_text("exit\n")
    screen.until_shown("q quit")
    screen.until_row(name, "idle")


def test_outside_tmux_capital_o_opens_the_configured_terminal(
    bare: Stage, crew: Crew, programs: Path
) -> None:
    name = crew("windowed")
    bare.launch(name)
    bare.screen.choose(name)
    bare.screen.press("O")
    assert "agent=" in told(programs, "shell")
    bare.screen.until_row(name, "idle")
