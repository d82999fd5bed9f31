"""scripts/setup.sh on machines that lack something: programs on its PATH are stand-ins."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "cat", "cksum", "chmod", "cp", "dirname", "env", "mkdir", "rm", "uname")
PYTHON = """
case "$*" in
*"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
*version_info\\ \\<*) [ "$version" != old ] ;;
*version_info*) echo 3.12 ;;
*ensurepip*) [ -z "$no_ensurepip" ] || [ -e "$BIN/venv-installed" ] ;;
esac
"""
APT = """
case "$*" in
*tmux*) : >"$BIN/tmux"; chmod +x "$BIN/tmux" ;;
*-venv*) : >"$BIN/venv-installed" ;;
esac
"""


class Machine:
    """A checkout and a PATH with nothing on it but stand-ins, which log how they were called."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.checkout = folder / "checkout"
        self.log = folder / "log"
        self.bin.mkdir()
        (self.checkout / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "setup.sh", self.checkout / "scripts")
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def has(self, *programs: str, does: str = "") -> None:
        for program in programs:
            file = self.bin / program
            file.write_text(f'#!/bin/sh\necho "{program} $*" >>"$LOG"\n{does}')
            file.chmod(0o755)

    def set_up(self, purpose: str = "test", user: int = 0, **env: str) -> tuple[int, str]:
        """Exit status and what was said."""
        self.has("id", does=f"echo {user}")
        given = {"PATH": str(self.bin), "LOG": str(self.log), "BIN": str(self.bin), **env}
        done = subprocess.run(
            [self.checkout / "scripts" / "setup.sh", purpose],
            env=given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    def calls(self, start: str) -> list[str]:
        lines = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith(start)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.has("git", "chromium")
    machine.has("python3", does=PYTHON)
    machine.has("apt-get", does=APT)
    return machine


def test_root_gets_a_missing_program_without_a_question(machine: Machine) -> None:
    status, _ = machine.set_up()
    assert status == 0
    assert machine.calls("apt-get") == [
        "apt-get update -qq",
        "apt-get install -y --no-install-recommends tmux",
    ]


def test_without_the_rights_the_exact_commands_are_printed(machine: Machine) -> None:
    machine.has("sudo")
    status, said = machine.set_up(user=1000)
    assert status == 3
    assert "    sudo apt-get update\n" in said
    assert "    sudo apt-get install -y --no-install-recommends tmux\n" in said
    assert machine.calls("apt-get") == []


def test_no_sudo_is_asked_for_where_there_is_none(machine: Machine) -> None:
    _, said = machine.set_up(user=1000)
    installing = "apt-get install -y --no-install-recommends tmux"
    assert f"    su -c 'apt-get update && {installing}'\n" in said


@pytest.mark.parametrize("step", ["update", "install"])
def test_a_package_that_cannot_be_fetched_is_said_plainly(machine: Machine, step: str) -> None:
    machine.has("apt-get", does=f'case "$*" in *{step}*) exit 100 ;; esac')
    status, said = machine.set_up()
    assert status == 1
    assert f"    apt-get {step}" in said
    assert said.endswith("is there a network, or a mirror in the configuration? Then try again.\n")


def test_without_a_package_manager_the_missing_program_is_named(machine: Machine) -> None:
    (machine.bin / "apt-get").unlink()
    status, said = machine.set_up()
    assert status == 3
    assert "please install: tmux" in said


def test_a_browser_is_for_the_tests_alone(machine: Machine) -> None:
    machine.has("tmux")
    (machine.bin / "chromium").unlink()
    machine.set_up("run")
    assert machine.calls("apt-get") == []
    machine.set_up("test")
    assert machine.calls("apt-get")[-1].endswith(" chromium-headless-shell")


def test_without_a_browser_everything_else_is_made_ready(machine: Machine) -> None:
    machine.has("tmux")
    (machine.bin / "chromium").unlink()
    status, said = machine.set_up(user=1000)
    assert status == 0
    assert "apt-get install -y --no-install-recommends chromium-headless-shell" in said
    assert "the tests in a browser will be skipped" in said


def test_homebrew_installs_as_the_user(machine: Machine) -> None:
    (machine.bin / "apt-get").unlink()
    machine.has("brew", does=APT)
    assert machine.set_up(user=501)[0] == 0
    assert machine.calls("brew") == ["brew install tmux"]


def test_the_virtual_environment_package_of_debian_is_added(machine: Machine) -> None:
    machine.has("tmux")
    assert machine.set_up(no_ensurepip="yes")[0] == 0
    [_, install] = machine.calls("apt-get")
    assert install.endswith(" python3.12-venv")


def test_a_python_that_stays_too_old_is_said_plainly(machine: Machine) -> None:
    machine.has("tmux")
    status, said = machine.set_up(version="old")
    assert status == 3
    assert "Python 3.11 or newer is needed" in said


def test_nothing_is_done_twice(machine: Machine) -> None:
    machine.has("tmux")
    machine.set_up("test")
    installs = machine.calls("python3 -m pip")
    assert any("--group dev" in line for line in installs)
    machine.set_up("test")
    machine.set_up("run")
    assert machine.calls("python3 -m pip") == installs


def test_changed_dependencies_are_installed_again(machine: Machine) -> None:
    machine.has("tmux")
    machine.set_up()
    before = len(machine.calls("python3 -m pip"))
    with (machine.checkout / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    machine.set_up()
    assert len(machine.calls("python3 -m pip")) == 2 * before


def test_a_failed_installation_is_tried_again(machine: Machine) -> None:
    machine.has("tmux")
    machine.has("python3", does=PYTHON + 'case "$*" in *editable*) exit 1 ;; esac\n')
    status, said = machine.set_up()
    assert status == 1
    assert "    pip install --editable . --group dev\n" in said
    assert not (machine.checkout / ".venv" / "ready-test").exists()


def test_the_script_can_be_run() -> None:
    assert os.access(ROOT / "scripts" / "setup.sh", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
