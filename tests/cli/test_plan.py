"""`acc plan` shows what it would add, and adds nothing by itself."""

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.intents import Intent
from command_center.domain.niches import Provider
from command_center.domain.task_intents import AddTasks
from command_center.domain.tasks import Brief, TaskKind
from tests.cli.house import House, Supervising
from tests.cli.tasks import taken
from tests.models.asking import told
from tests.planner.test_planner import FAKE, GOOD
from tests.scripted import ScriptedModel

TEXT = """\
# Look
kind: research

Look well.

# Do
needs: 1
check: true
"""
SPEC = f"""
id = "fake"
name = "Fake"
[binary]
names = ["${{python}}"]
[launch]
argv = ["${{binary}}"]
[headless]
argv = ["${{binary}}", "{FAKE}", "whole", '''{GOOD}''']
answer = "result"
"""


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


@pytest.fixture(autouse=True)
def bare(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository is the current folder; there are neither keys nor agent CLIs."""
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return repo


def configure(house: House, model: ScriptedModel, more: str = "") -> None:
    house.places.settings.parent.mkdir(parents=True, exist_ok=True)
    house.places.settings.write_text(
        f"""[models.frontier]
provider = "openai"
model = "scripted-1"
base_url = "{model.url}/v1"
price = [1, 2]
{more}""",
        "utf-8",
    )


def add_fake(house: House) -> None:
    file = house.places.config / "agents" / "fake.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SPEC, "utf-8")


def briefs(asked: list[Intent]) -> tuple[Brief, ...]:
    [intent] = asked
    assert isinstance(intent, AddTasks)
    return intent.briefs


def test_a_goal_becomes_a_plan_that_is_only_shown(house: House, model: ScriptedModel) -> None:
    configure(house, model)
    result = house.run("plan", told(Provider.OPENAI, GOOD))
    assert result.exit_code == 0
    assert "#2      feature   #1     you say so  └ Do" in result.stdout
    assert "planned by scripted-1 (frontier) for $" in result.stderr
    assert "nothing was added" in result.stderr
    assert house.intents() == []


def test_yes_adds_the_tasks(house: House, model: ScriptedModel) -> None:
    configure(house, model)
    with Supervising(house, taken) as supervising:
        result = house.run("plan", told(Provider.OPENAI, GOOD), "--yes")
    assert result.exit_code == 0, result.output
    assert briefs(supervising.taken) == (
        Brief("Look", kind=TaskKind.RESEARCH),
        Brief("Do", needs=("#1",)),
    )


def test_draft_adds_them_as_drafts(house: House, repo: Path) -> None:
    (repo / "plan.md").write_text(TEXT)
    with Supervising(house, taken) as supervising:
        house.run("plan", "--from", "plan.md", "--draft")
    [intent] = supervising.taken
    assert isinstance(intent, AddTasks)
    assert not intent.is_queued


def test_a_plan_by_hand_needs_no_model(house: House, repo: Path) -> None:
    (repo / "plan.md").write_text(TEXT)
    result = house.run("plan", "--from", "plan.md")
    assert result.exit_code == 0
    assert "true        └ Do" in result.stdout


def test_json_is_the_plan(house: House, model: ScriptedModel) -> None:
    configure(house, model)
    [made] = house.rows("plan", told(Provider.OPENAI, GOOD))
    assert (made["kind"], made["by"]) == ("plan", "scripted-1 (frontier)")
    assert made["tasks"] == [
        {"title": "Look", "kind": "research", "check": {}},
        {"title": "Do", "check": {}, "needs": ["#1"]},
    ]


def test_markdown_is_the_plan_as_it_can_be_imported(house: House, repo: Path) -> None:
    (repo / "plan.md").write_text(TEXT)
    first = house.run("plan", "--from", "plan.md", "--markdown").stdout
    assert "## Do" in first
    (repo / "again.md").write_text(first)
    assert house.run("plan", "--from", "again.md", "--markdown").stdout == first


def test_without_a_model_an_agent_cli_is_asked_and_that_is_said(house: House) -> None:
    add_fake(house)
    result = house.run("plan", "cache it", "--json")
    assert result.exit_code == 0, result.output
    assert "no model for the niche 'frontier'" in result.stderr
    assert "asking Fake, on its own account" in result.stderr
    made = json.loads(result.stdout)
    assert made["by"] == "Fake"
    assert "no model for the niche" in made["note"]


def test_without_anything_to_ask_it_says_how_to_plan_by_hand(house: House) -> None:
    result = house.run("plan", "cache it")
    assert result.exit_code == 1
    assert "no model for the niche 'frontier'; set [models.frontier]" in result.stderr
    assert "plan by hand: " in result.stderr


def test_a_niche_that_was_asked_for_is_not_replaced(house: House) -> None:
    add_fake(house)
    result = house.run("plan", "cache it", "--niche", "domain")
    assert result.exit_code == 1
    assert "no model for the niche 'domain'" in result.stderr


def test_a_budget_that_is_too_small_refuses(house: House, model: ScriptedModel) -> None:
    configure(house, model, '[models]\nbudget = "1ktok"\n')
    result = house.run("plan", "cache it")
    assert result.exit_code == 1
    assert "the models' budget of 1k tok a day" in result.stderr
    assert model.requests == []


def test_a_hostile_plan_is_shown_in_plain_text(house: House, repo: Path) -> None:
    (repo / "plan.md").write_text("# \x1b]0;owned\x07Look\x1b[2J\ncheck: echo \x9b1m\n")
    result = house.run("plan", "--from", "plan.md")
    assert "Look" in result.stdout
    assert "\x1b" not in result.stdout
    assert "\x9b" not in result.stdout


def test_in_a_terminal_it_is_edited_and_then_added(
    house: House, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "plan.md").write_text(TEXT)
    editor = repo / "editor.sh"
    editor.write_text('#!/bin/sh\nprintf "\\n## Tell\\nneeds: Do\\n" >> "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    monkeypatch.setenv("EDITOR", str(editor))
    acc = (sys.executable, "-m", "command_center.cli.main", "plan", "--from", "plan.md")
    ours, theirs = pty.openpty()
    with Supervising(house, taken) as supervising:
        process = subprocess.Popen(acc, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        until(ours, "or [n]o")
        os.write(ours, b"e\n")
        assert "Tell" in until(ours, "or [n]o")
        os.write(ours, b"y\n")
        until(ours, "T3")
        assert process.wait(60) == 0
    os.close(ours)
    assert [brief.title for brief in briefs(supervising.taken)] == ["Look", "Do", "Tell"]


def until(terminal: int, words: str, seconds: float = 60) -> str:
    """What it printed up to then."""
    printed = b""
    while words.encode() not in printed:
        assert select.select([terminal], [], [], seconds)[0], printed
        printed += os.read(terminal, 65536)
    return printed.decode()
