"""What the first paint does not wait for."""

import os
import subprocess
import sys

import pytest

LATE = (
    "click",
    "psutil",
    "tomllib",
    "plotext",
    "command_center.domain.machine",
    "command_center.domain.usage",
    "command_center.drivers",
    "command_center.store.gauges",
    "command_center.tui.dialogs",
    "command_center.tui.pane",
    "command_center.tui.usage_report",
    "command_center.store.layouts",
    "command_center.store.machine",
    "command_center.tui.machine_figures",
    "command_center.tui.machine_part",
    "command_center.tui.machine_past",
    "command_center.tui.wall",
    "command_center.tui.themes",
    "command_center.tui.ascii",
    "command_center.tui.picking",
    "command_center.tui.run_cells",
    "command_center.tui.run_deeds",
    "command_center.tui.curves",
    "command_center.store.runs",
)


def loaded_by(code: str) -> set[str]:
    code += "; import sys; print(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


@pytest.mark.parametrize("module", LATE)
def test_the_dashboard_is_imported_without(module: str) -> None:
    assert module not in loaded_by("import command_center.tui.app, command_center.cli.dashboard")


def test_a_command_goes_to_the_command_line() -> None:
    acc = (sys.executable, "-m", "command_center.cli.entry", "--version")
    assert "version" in subprocess.check_output(acc, text=True)


def test_a_shell_that_completes_does_not_open_the_dashboard() -> None:
    environ = {**os.environ, "_ACC_COMPLETE": "bash_source"}
    code = "import sys; sys.argv = ['acc']; from command_center.cli.entry import main; main()"
    done = subprocess.check_output([sys.executable, "-c", code], env=environ, text=True)
    assert "complete" in done
