import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.drivers.gpu import SIMULATED
from command_center.drivers.tmux import SESSION
from tests.cli.house import House


def findings(house: House, area: str) -> list[dict[str, object]]:
    return [row for row in house.rows("doctor") if row["area"] == area]


def only(house: House, area: str) -> dict[str, object]:
    [finding] = findings(house, area)
    return finding


def test_a_sound_house_is_no_problem(house: House) -> None:
    result = house.run("doctor")
    assert result.exit_code == 0, result.stdout
    assert f"runs as process {os.getpid()}" in result.stdout


def test_every_finding_that_is_not_ok_names_the_next_command(house: House) -> None:
    (house.inbox.folder / "bad").mkdir(parents=True)
    (house.inbox.folder / "bad" / "x.json").touch()
    rows = house.rows("doctor")
    assert len(rows) > 10
    assert all(row["next"] for row in rows if row["level"] != "ok")


def test_a_missing_cli_is_a_note_with_its_install_hint(house: House) -> None:
    spec = house.places.config / "agents" / "none.toml"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        'id = "none"\nname = "None"\ninstall = "pipx install none"\n'
        '[binary]\nnames = ["no-such-cli"]\n[launch]\nargv = ["${binary}"]\n'
    )
    finding = only(house, "none")
    assert (finding["level"], finding["next"]) == ("note", "pipx install none")
    assert "no-such-cli" in str(finding["text"])


def test_a_cli_that_is_too_old_is_a_problem(house: House, tmp_path: Path) -> None:
    old = tmp_path / "old-cli"
    old.write_text("#!/bin/sh\necho old-cli 1.9.3\n")
    old.chmod(0o755)
    spec = house.places.config / "agents" / "old.toml"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        f'id = "old"\nname = "Old"\n[binary]\nnames = ["{old}"]\nminimum = "1.10"\n'
        '[launch]\nargv = ["${binary}"]\n'
    )
    assert only(house, "old")["text"] == "old-cli 1.9.3 is older than 1.10"
    assert house.run("doctor").exit_code == 1


def test_a_broken_spec_is_a_problem_that_names_its_file(house: House) -> None:
    spec = house.places.config / "agents" / "bad.toml"
    spec.parent.mkdir(parents=True)
    spec.write_text("id = 'bad'\nnmae = 'x'\n")
    finding = only(house, "specs")
    assert (finding["level"], finding["next"]) == ("problem", f"edit {spec}")
    assert house.run("doctor").exit_code == 1


def test_wrong_settings_are_a_problem(house: House) -> None:
    house.places.config.mkdir(parents=True)
    house.places.settings.write_text("bel = true\n")
    finding = only(house, "settings")
    assert finding["level"] == "problem"
    assert "did you mean 'bell'" in str(finding["text"])


def test_a_wrong_alarm_is_a_problem(house: House) -> None:
    house.places.config.mkdir(parents=True)
    house.places.settings.write_text('[[alarm]]\nid = "hot"\nfigure = "cpu"\nabove = 3\n')
    finding = only(house, "settings")
    assert finding["level"] == "problem"
    assert "unknown key 'above'" in str(finding["text"])


def test_a_driver_of_gpus_that_gives_no_answer_is_a_problem(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SIMULATED, str(house.home / "missing.json"))
    finding = only(house, "gpus")
    assert finding["level"] == "problem"
    assert "missing.json" in str(finding["text"])


def test_agents_without_a_supervisor_are_a_problem(house: House) -> None:
    house.add_agent("ada")
    house.lock.release()
    finding = only(house, "supervisor")
    assert (finding["level"], finding["next"]) == ("problem", "acc supervise --detach")


def test_an_unused_house_without_a_supervisor_is_fine(house: House) -> None:
    house.lock.release()
    assert only(house, "supervisor")["level"] == "ok"


def test_a_state_folder_open_to_others_is_told(house: House) -> None:
    house.places.state.chmod(0o755)
    finding = only(house, "folders")
    assert finding["next"] == f"chmod 700 {house.places.state}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_problem(house: House) -> None:
    house.places.data.mkdir(parents=True, mode=0o500)
    assert only(house, "folders")["level"] == "problem"


def test_a_worktree_that_no_agent_owns_is_told(house: House) -> None:
    left = house.places.worktrees / "project-abc" / "zed-1"
    left.mkdir(parents=True)
    finding = only(house, "worktrees")
    assert finding["next"] == f"git -C {left} status"


def test_trash_of_nobody_is_told_and_a_removed_agents_is_not(house: House) -> None:
    known, left = house.places.trash / "ada-1", house.places.trash / "zed-1"
    for folder in (known, left):
        folder.mkdir(parents=True)
    house.write(ev.AgentRemoved(house.add_agent("ada"), {"folder": str(known)}))
    assert only(house, "trash")["next"] == f"ls -a {left}"


def test_a_window_of_an_agent_that_nobody_knows_is_told(house: House) -> None:
    ada = house.add_agent("ada")
    tmux = ("tmux", "-L", house.places.socket, "-f", "/dev/null")
    tag = (";", "set-option", "-w", "@acc_agent")
    new = ("new-session", "-d", "-s", SESSION, "sleep 1000", *tag, ada)
    subprocess.run((*tmux, *new), check=True)
    subprocess.run((*tmux, "new-window", "sleep 1000", *tag, "zed-1"), check=True)
    # The supervisor's own window is of no agent, and that is right.
    subprocess.run((*tmux, "new-window", "sleep 1000"), check=True)
    finding = only(house, "windows")
    assert "zed-1" in str(finding["text"])
    assert f"tmux -L {house.places.socket} kill-window -t %" in str(finding["next"])


def test_without_tmux_and_git_the_rest_is_still_told(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path / "empty"))
        levels = {row["area"]: row["level"] for row in house.rows("doctor")}
    assert (levels["tmux"], levels["git"], levels["python"]) == ("problem", "problem", "ok")


def test_a_program_that_hangs_does_not_hang_us(tmp_path: Path) -> None:
    slow = tmp_path / "slow-cli"
    slow.write_text("#!/bin/sh\nexec sleep 1000\n")
    slow.chmod(0o755)
    code = (
        "from command_center.cli import checks; checks.SECONDS = 0.2;"
        f"print(repr(checks.said_version({str(slow)!r}, ())))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "''\n"


def test_a_wrong_template_is_a_problem_of_its_own(house: House) -> None:
    house.places.config.mkdir(parents=True, exist_ok=True)
    house.places.settings.write_text('[templates.mend]\nkinds = "bugfix"\n')
    finding = only(house, "templates")
    assert (finding["level"], "did you mean 'kind'" in str(finding["text"])) == ("problem", True)
