"""Tasks through the command line alone: no dashboard, a real supervisor, agents and git."""

import json
import subprocess
from collections.abc import Callable

import pytest

from tests.center import Center
from tests.e2e.screen import ACC, until
from tests.gitrepo import run_git

PLAN = """# Plan

- [ ] Write one [write:one.txt]
  kind: chore
  check: test -f one.txt
- [ ] Write two; #(touch hacked) `touch hacked` $(touch hacked) [write:two.txt]
  needs: 1
  check: `test -f one.txt -a -f two.txt`
- [x] Old
- [ ] Say whether it is good
  needs: 1, 2
"""

Acc = Callable[..., str]


@pytest.fixture(scope="module")
def acc(center: Center) -> Acc:
    """Runs a command in the repository and gives what it printed."""

    def run(*words: str, stdin: str = "") -> str:
        done = subprocess.run(
            (ACC, *words),
            cwd=center.repo,
            env=center.environ(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def lives(acc: Acc) -> dict[str, tuple[str, bool]]:
    """How far each task has come, and whether it is held."""
    rows = [json.loads(line) for line in acc("task", "list", "--all", "--json").splitlines()]
    return {row["id"]: (row["life"], row["is_held"]) for row in rows}


def test_a_plan_is_imported_shown_handed_out_and_approved(center: Center, acc: Acc) -> None:
    acc("launch", "echo", "--name", "ada")
    assert "T3" in acc("task", "import", "-", stdin=PLAN)
    until(lambda: "T1 → ada because" in acc("dispatch"), "the dispatcher says where T1 would go")
    shown = acc("dispatch", "--dry-run").splitlines()
    assert shown[1].startswith("T2 stays: waits for T1 (Write two; #(touch hacked)")
    assert {life for life, _ in lives(acc).values()} == {"queued"}
    assert acc("dispatch", "automatic") == "mode  automatic\n"
    until(lambda: lives(acc)["T2"] == ("review", False), "T1 and T2 passed their checks")
    until(lambda: lives(acc)["T3"] == ("check", True), "T3 waits for a yes")
    assert not list(center.home.rglob("hacked"))
    assert acc("task", "return", "T3", "Look again.") == "T3 sent back to ada\n"
    until(lambda: lives(acc)["T3"] == ("check", True), "T3 waits again")
    acc("task", "approve", "T3")
    until(lambda: lives(acc)["T3"] == ("review", False), "T3 is done")
    acc("task", "approve", "T1", "T2", "T3")
    assert {life for life, _ in lives(acc).values()} == {"merged"}
    files = run_git(center.repo, "ls-tree", "--name-only", center.fleet.tasks["T2"].branch)
    assert {"one.txt", "two.txt"} <= set(files.split())
    received = center.received(center.fleet.tasks["T3"].agent)
    assert received[-1] == "Look again."


def test_a_template_brings_a_file_of_the_repository_to_the_agent(center: Center, acc: Acc) -> None:
    (center.repo / "notes.md").write_text("first\n```\nsecond\n")
    words = ("--template", "bugfix", "--set", "file=@notes.md", "--kept", "--judge", "user")
    [row] = map(json.loads, acc("task", "add", "Mend", *words, "--json").splitlines())
    until(lambda: lives(acc)[row["id"]] == ("check", True), "the agent's turn is over")
    told = center.received(center.fleet.tasks[row["id"]].agent)[-1]
    assert told.startswith("Fix this: Mend\n\n")
    assert "notes.md:\n\n````\nfirst\n```\nsecond\n````" in told


def test_a_broadcast_reaches_everybody_once(center: Center, acc: Acc) -> None:
    acc("dispatch", "manual")
    bob = json.loads(acc("launch", "echo", "--name", "bob", "--json"))["agent"]
    ada = next(a.id for a in center.fleet.agents.values() if a.name == "ada")
    until(lambda: all(a.state == "idle" for a in center.fleet.agents.values()), "all are idle")
    assert acc("broadcast", "ada", "bob", "all; #(hands)", "--yes").count("prompted") == 2
    until(lambda: center.received(ada)[-1:] == ["all; #(hands)"], "ada got it")
    until(lambda: center.received(bob) == ["all; #(hands)"], "bob got it")
    assert center.received(ada).count("all; #(hands)") == 1
