"""How the launch form and the pane look, as pictures to compare. Renew them with make snapshots."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from command_center.domain.model import Agent, Order, Phase, State
from command_center.drivers.glass import Glass, PaneScreen
from command_center.store.settings import Settings
from command_center.tui.dialogs.launch import LaunchDialog
from tests.tui.dialog_app import Asking
from tests.tui.pane_app import PaneApp, until_shown
from tests.tui.test_dialogs import kit, no_branches

SIZES = [(80, 24), (200, 60)]
ORDER = Order("ant", "repo", "agents/ada", "HEAD", "/w/ada")
ADA = Agent("1", "ada", ORDER, 0.0, phase=Phase.LIVE, pane="%1", state=State.WAITING)
ASKS = replace(ADA, reason="approve Bash: touch first.txt")
PICTURE = (
    "\x1b[1m● \x1b[0mI will look at the parser first.",
    "",
    "\x1b[32m●\x1b[39m \x1b[1mUpdate\x1b[0m(src/parser.py)",
    "  \x1b[2m⎿\x1b[0m  Updated with \x1b[1m2\x1b[0m additions and \x1b[1m1\x1b[0m removal",
    "     \x1b[2m41\x1b[0m \x1b[41m-    return tokens\x1b[49m",
    "     \x1b[2m41\x1b[0m \x1b[48;5;22m+    if not tokens:\x1b[49m",
    "     \x1b[2m42\x1b[0m \x1b[48;5;22m+        raise Empty\x1b[49m",
    "",
    "\x1b[38;2;215;119;87m✻ Thinking…\x1b[39m \x1b[2m(12s · esc to interrupt)\x1b[0m",
    "",
    "\x1b[38;5;105m╭" + "─" * 60 + "╮",
    "│ Bash: touch first.txt" + " " * 38 + "│",
    "│ \x1b[39mDo you want to proceed?" + " " * 36 + "\x1b[38;5;105m│",
    "│ \x1b[1m▸ 1. Yes\x1b[22m" + " " * 51 + "│",
    "│ \x1b[39m  2. No  日本語" + " " * 44 + "\x1b[38;5;105m│",
    "╰" + "─" * 60 + "╯\x1b[39m",
)


class Still(Glass):
    """Always the same picture."""

    async def look(self, panes: Sequence[str]) -> dict[str, PaneScreen]:
        screen = PaneScreen(
            lines=PICTURE,
            width=199,
            height=59,
            cursor=(9, 13),
            is_alternate=False,
            is_dead=False,
            in_mode=False,
            history=0,
            viewers=1,
            title="✳ Fix the parser",
        )
        return dict.fromkeys(panes, screen)


@pytest.mark.parametrize("size", SIZES)
def test_the_launch_form(
    snap_compare: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    (tmp_path / "parser" / ".git").mkdir(parents=True)
    (tmp_path / "parser" / ".git" / "HEAD").touch()
    monkeypatch.chdir(tmp_path)
    app = Asking(LaunchDialog(kit(), (), Path("parser"), Settings(), no_branches))
    assert snap_compare(app, press=["plus", "plus", "down", "plus"], terminal_size=size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_typing", [False, True])
def test_the_pane(snap_compare: Callable[..., Any], size: tuple[int, int], is_typing: bool) -> None:
    app = PaneApp(Still("cc-test-never"), ASKS)

    async def settle(pilot: Pilot[None]) -> None:
        await until_shown(pilot, app, "Do you want to proceed?")
        if is_typing:
            app.view.focus_typing()
            await pilot.pause(0.3)

    assert snap_compare(app, run_before=settle, terminal_size=size)
