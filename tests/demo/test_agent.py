import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.conftest import Open
from tests.demo.terminal import AGENT, PASTE, PASTE_END
from tests.gitrepo import run_git

FULL = ("--mode=full", "--prompt=Add a greeting")


def test_it_says_that_no_model_is_behind_it(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.until_shown("demo> ")
    assert "no model" in terminal.text
    assert terminal.states == ["idle"]


def test_a_turn_edits_checks_and_commits(open_terminal: Open, worktree: Path) -> None:
    terminal = open_terminal(*FULL)
    terminal.until_states("idle", "working", "done")
    assert "check passed: add a greeting" in terminal.text
    assert run_git(worktree, "log", "-1", "--format=%s") == "demo: Add a greeting"
    assert run_git(worktree, "show", "--name-only", "--format=", "HEAD").split() == [
        "demo_add_a_greeting.py",
        "notes/add-a-greeting.md",
    ]
    assert run_git(worktree, "status", "--porcelain") == ""


def test_a_repository_with_a_package_named_like_ours_changes_nothing(
    open_terminal: Open, worktree: Path
) -> None:
    package = worktree / "command_center" / "demo"
    package.mkdir(parents=True)
    for file in (package.parent / "__init__.py", package / "__init__.py", package / "agent.py"):
        file.write_text("raise SystemExit('the wrong one')\n")
    terminal = open_terminal()
    terminal.until_states("idle")


def test_it_asks_before_it_runs_a_command(open_terminal: Open) -> None:
    terminal = open_terminal("--prompt=Add a greeting")
    terminal.until_states("idle", "working", "blocked")
    assert terminal.reports[-1]["kind"] == "permission"
    assert terminal.reports[-1]["msg"] == "run `python demo_add_a_greeting.py`"
    assert "check passed" not in terminal.text
    terminal.type("y")
    terminal.until_states("idle", "working", "blocked", "working", "done")
    assert "check passed" in terminal.text


@pytest.mark.parametrize("key", ["n", "\x1b"])
def test_a_no_leaves_the_command_out(open_terminal: Open, key: str) -> None:
    terminal = open_terminal("--prompt=Add a greeting")
    terminal.until_states("idle", "working", "blocked")
    terminal.type(key)
    terminal.until_states("idle", "working", "blocked", "working", "done")
    assert "Not run, as you said." in terminal.text
    assert "check passed" not in terminal.text


def test_a_paste_does_not_answer_the_question(open_terminal: Open) -> None:
    terminal = open_terminal("--prompt=Add a greeting")
    terminal.until_states("idle", "working", "blocked")
    terminal.type(f"{PASTE}yes{PASTE_END}")
    terminal.type("n")
    terminal.until_shown("Not run, as you said.")


def test_it_asks_once_per_session(open_terminal: Open) -> None:
    terminal = open_terminal("--prompt=Add a greeting")
    terminal.until_states("idle", "working", "blocked")
    terminal.type("y")
    terminal.until_states("idle", "working", "blocked", "working", "done")
    terminal.type("Another one\r")
    terminal.until(lambda: terminal.states[5:] == ["working", "done"])


def test_a_prompt_can_have_it_ask_again(open_terminal: Open) -> None:
    terminal = open_terminal("--mode=full", "--prompt=[ask] Add a greeting")
    terminal.until_states("idle", "working", "blocked")
    assert terminal.reports[-1]["msg"] == "run `python demo_add_a_greeting.py`"


def test_a_failing_check_is_an_error_and_commits_nothing(
    open_terminal: Open, worktree: Path
) -> None:
    terminal = open_terminal("--mode=full", "--prompt=[fail] Add a greeting")
    terminal.until_states("idle", "working", "error")
    assert "the check found" in terminal.text
    assert run_git(worktree, "log", "--format=%s") == "first"
    assert "demo_add_a_greeting.py" in run_git(worktree, "status", "--porcelain")


def test_plan_mode_changes_nothing(open_terminal: Open, worktree: Path) -> None:
    terminal = open_terminal("--mode=plan", "--prompt=Add a greeting")
    terminal.until_states("idle", "working", "done")
    assert "Plan:" in terminal.text
    assert run_git(worktree, "status", "--porcelain") == ""


def test_a_file_of_the_repository_is_never_overwritten(open_terminal: Open, worktree: Path) -> None:
    own = worktree / "demo_add_a_greeting.py"
    own.write_text("print('mine')\n")
    open_terminal(*FULL).until_states("idle", "working", "done")
    assert own.read_text() == "print('mine')\n"
    assert (worktree / "demo_add_a_greeting_2.py").exists()


def test_a_link_never_leads_it_out_of_the_worktree(
    open_terminal: Open, worktree: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (worktree / "notes").symlink_to(tmp_path / "outside")
    terminal = open_terminal(*FULL)
    terminal.until_states("idle", "working", "error")
    assert "leads out of the worktree" in terminal.text
    assert list((tmp_path / "outside").iterdir()) == []


def test_someone_without_a_git_identity_can_use_it(
    open_terminal: Open, worktree: Path, tmp_path: Path
) -> None:
    run_git(worktree, "config", "--unset", "user.name")
    run_git(worktree, "config", "--unset", "user.email")
    env = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)}
    open_terminal(*FULL, env=env).until_states("idle", "working", "done")
    assert run_git(worktree, "log", "-1", "--format=%an <%ae>") == (
        "Demo Agent <demo-agent@localhost>"
    )


def test_the_users_own_git_identity_is_kept(open_terminal: Open, worktree: Path) -> None:
    open_terminal(*FULL).until_states("idle", "working", "done")
    assert run_git(worktree, "log", "-1", "--format=%an <%ae>") == "Ada <ada@example.org>"


@pytest.mark.parametrize("key", ["\x1b", "\x03"])
def test_a_key_interrupts_a_turn(open_terminal: Open, key: str) -> None:
    terminal = open_terminal("--pace=1000", *FULL)
    terminal.until_shown("Plan:")
    terminal.type(key)
    terminal.until_states("idle", "working", "idle")
    assert "Interrupted." in terminal.text


def test_exit_leaves_and_clears_its_state(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.until_shown("demo> ")
    terminal.type("/exit\r")
    assert terminal.until_over() == 0
    assert terminal.states == ["idle", "clear"]
    assert terminal.raw.endswith("\x1b[?2004l")


def test_a_hang_up_ends_it(open_terminal: Open) -> None:
    terminal = open_terminal("--pace=1000", *FULL)
    terminal.until_shown("Plan:")
    os.kill(terminal.pid, signal.SIGHUP)
    assert terminal.until_over() == -signal.SIGHUP


def test_without_a_terminal_it_says_what_it_needs() -> None:
    done = subprocess.run(AGENT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "demo-agent: needs a terminal; run it in a pane\n"


def test_a_session_goes_on_where_it_ended(open_terminal: Open, tmp_path: Path) -> None:
    kept = ("--session=s1", f"--transcript={tmp_path}/state/transcript.jsonl")
    first = open_terminal(*kept, "--prompt=Add a greeting")
    first.until_states("idle", "working", "blocked")
    first.type("y")
    first.until_states("idle", "working", "blocked", "working", "done")
    os.kill(first.pid, signal.SIGKILL)
    second = open_terminal(*kept)
    second.until_shown("Session s1 goes on after 1 turn.")
    second.type("Add a farewell\r")
    second.until_states("idle", "working", "done")


def test_usage_is_counted_once_per_message_and_labelled_as_made_up(
    open_terminal: Open, tmp_path: Path
) -> None:
    transcript = tmp_path / "transcript.jsonl"
    terminal = open_terminal("--session=s1", f"--transcript={transcript}", *FULL)
    terminal.until_states("idle", "working", "done")
    terminal.type("Another one\r")
    terminal.until_states("idle", "working", "done", "working", "done")
    lines = [json.loads(line) for line in transcript.read_text().splitlines()]
    answers = [line for line in lines if line["type"] == "assistant"]
    assert [line["message"]["id"] for line in answers] == ["msg_s1_1", "msg_s1_2"]
    assert {line["message"]["model"] for line in answers} == {"<synthetic>"}
    assert all(line["message"]["usage"]["output_tokens"] > 1 for line in answers)


def test_it_loads_nothing_outside_the_standard_library() -> None:
    code = "import sys, command_center.demo.agent; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    ours = {name for name in loaded if name.startswith("command_center")}
    assert all(name == "command_center" or "demo" in name for name in ours)
    assert not {"msgspec", "click", "textual"} & set(loaded)
