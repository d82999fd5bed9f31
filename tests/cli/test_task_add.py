import json
from pathlib import Path

import pytest

from command_center.domain import events as ev, task_events as tev
from command_center.domain.model import Repo
from command_center.domain.task_intents import AddTasks
from command_center.domain.tasks import (
    Allowance,
    Brief,
    Check,
    Conversation,
    Judge,
    TaskKind,
)
from tests.cli.house import House, Supervising
from tests.cli.tasks import refused, taken

pytestmark = pytest.mark.usefixtures("repo")


def asked_by(house: House, *words: str, stdin: str = "") -> AddTasks:
    """What a command that succeeds asks for."""
    with Supervising(house, taken) as supervising:
        result = house.run(*words, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    [asked] = supervising.taken
    assert isinstance(asked, AddTasks)
    return asked


def test_a_task_asks_for_exactly_what_was_said(house: House, repo: Path) -> None:
    options = (
        *("-p", "Sort it.", "--kind", "bugfix", "--check", "pytest -q 'tests/a b'"),
        *("--check-seconds", "90", "--returns", "0", "--touches", "src/*.py,b", "--touches", "c"),
        *("--needs", "t7", "--needs", "8,T9", "--priority", "-2", "--tag", "api", "--spec", "demo"),
        *("--niche", "frontier", "--kept", "--budget", "2usd,100ktok,30min", "--base", "main"),
    )
    brief = Brief(
        "Sort",
        prompt="Sort it.",
        kind=TaskKind.BUGFIX,
        check=Check(Judge.COMMAND, ("pytest", "-q", "tests/a b"), 90.0, 0),
        allowance=Allowance(2.0, 100_000, 30.0),
        touches=("src/*.py", "b", "c"),
        needs=("T7", "T8", "T9"),
        priority=-2,
        tags=("api",),
        spec="demo",
        niche="frontier",
        conversation=Conversation.KEPT,
        base="main",
    )
    assert asked_by(house, "task", "add", "Sort", *options) == AddTasks((brief,), str(repo))


def test_a_draft_is_not_queued(house: House, repo: Path) -> None:
    words = ("task", "add", "Sort", "--draft", "--repo", str(repo / "src"), "--judge", "review")
    brief = Brief("Sort", check=Check(Judge.REVIEW))
    assert asked_by(house, *words) == AddTasks((brief,), str(repo / "src"), False)


def test_without_a_title_the_first_line_of_the_prompt_is_it(house: House) -> None:
    asked = asked_by(house, "task", "add", "-p", "-", stdin="Sort it.\nNow.\n")
    assert (asked.briefs[0].title, asked.briefs[0].prompt) == ("Sort it.", "Sort it.\nNow.")


def test_what_was_added_is_told(house: House) -> None:
    with Supervising(house, taken):
        [row] = house.rows("task", "add", "Sort", "--check", "make test")
    assert (row["kind"], row["id"], row["life"], row["title"]) == ("task", "T1", "queued", "Sort")
    asked = row["asked"]
    assert isinstance(asked, dict)
    assert (asked["judge"], asked["check"], asked["dollars"]) == ("command", ["make", "test"], None)


def test_a_person_is_told_what_was_added(house: House) -> None:
    with Supervising(house, taken):
        lines = house.run("task", "add", "Sort").stdout.splitlines()
    assert lines[1].split() == ["T1", "queued", "feature", "you", "say", "so", "Sort"]


def test_a_refusal_is_one_line(house: House) -> None:
    with Supervising(house, refused):
        result = house.run("task", "add", "Sort")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "acc: no such luck\n")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("x", "--kind", "bug"),
        ("x", "--budget", "5"),
        ("x", "--check", "a 'b"),
        ("x", "--check-seconds", "0"),
        ("x", "--set", "a=b"),
        ("x", "-p", "y", "-f", "z"),
    ],
)
def test_a_slip_of_the_finger_is_exit_code_2(house: House, words: tuple[str, ...]) -> None:
    assert house.run("task", "add", *words).exit_code == 2
    assert house.intents() == []


def test_a_template_is_filled_and_the_files_it_names_come_along(house: House, repo: Path) -> None:
    house.places.config.mkdir(parents=True)
    house.places.settings.write_text(
        '[templates.mend]\nkind = "bugfix"\nprompt = "Mend @{file}."\ncheck = "pytest {file}"\n'
    )
    (repo / "a b.py").write_text("print(1)\n")
    (repo / "x.py").write_text("print(2)\n")
    words = ("task", "add", "Sort", "--template", "mend", "--set", "file=x.py", "-p", "Soon.")
    [brief] = asked_by(house, *words, "--priority", "1").briefs
    assert brief == Brief(
        "Sort",
        prompt="Mend x.py.\n\nSoon.\n\nx.py:\n\n```\nprint(2)\n```",
        kind=TaskKind.BUGFIX,
        check=Check(Judge.COMMAND, ("pytest", "x.py")),
        priority=1,
    )


def test_a_file_outside_of_the_repository_does_not_come_along(house: House, repo: Path) -> None:
    (repo.parent / "secret").write_text("secret")
    result = house.run("task", "add", "Sort", "-p", "See @../secret")
    assert (result.exit_code, house.intents()) == (1, [])
    assert "outside" in result.stderr


def test_a_template_that_is_not_there_or_not_filled_is_told(house: House) -> None:
    result = house.run("task", "add", "x", "--template", "bugfx")
    assert (result.exit_code, "did you mean 'bugfix'" in result.stderr) == (3, True)
    result = house.run("task", "add", "x", "--template", "review")
    assert (result.exit_code, "--set branch=..." in result.stderr) == (1, True)
    result = house.run("task", "add", "x", "--template", "review", "--set", "branch")
    assert (result.exit_code, house.intents()) == (2, [])


PLAN = "# Plan\n- [x] Old\n- [ ] Sort\n  check: make test\n- [ ] Print\n  needs: Sort, Old\n"


def test_a_markdown_file_is_imported_as_one_request(house: House, repo: Path) -> None:
    (repo / "plan.md").write_text(PLAN)
    sort = Brief("Sort", check=Check(Judge.COMMAND, ("make", "test")))
    both = (sort, Brief("Print", needs=("#1",)))
    assert asked_by(house, "task", "import", "plan.md") == AddTasks(both, str(repo))
    drafts = asked_by(house, "task", "import", "-", "--draft", stdin=PLAN)
    assert drafts == AddTasks(both, str(repo), False)


def test_a_dry_run_shows_the_tasks_with_their_commands_and_adds_none(house: House) -> None:
    shown = house.run("task", "import", "-", "--dry-run", stdin=PLAN).stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["NUMBER", "#1", "#2"]
    assert "make test" in shown[1]
    lines = house.run("task", "import", "-", "--dry-run", "--json", stdin=PLAN).stdout.splitlines()
    second = json.loads(lines[1])
    assert (second["kind"], second["title"], second["asked"]["needs"]) == ("brief", "Print", ["#1"])
    assert house.intents() == []


def test_a_mistake_in_a_file_is_told_with_its_line(house: House, repo: Path) -> None:
    (repo / "plan.md").write_text("- [ ] a\n  chek: make\n")
    result = house.run("task", "import", "plan.md")
    assert (result.exit_code, house.intents()) == (1, [])
    assert result.stderr == "acc: plan.md:2: 'chek': did you mean 'check'?\n"
    result = house.run("task", "import", "nowhere.md")
    assert result.stderr == "acc: nowhere.md: No such file or directory\n"
    (repo / "blob").write_bytes(b"\xff")
    assert house.run("task", "import", "blob").exit_code == 2


ISSUES = json.dumps([{"number": n, "title": f"i{n}", "labels": [{"name": "bug"}]} for n in (1, 2)])


def test_issues_become_drafts_unless_they_are_to_be_queued(house: House, repo: Path) -> None:
    (repo / "gh.json").write_text(ISSUES)
    asked = asked_by(house, "task", "import", "--github", "gh.json")
    assert [(b.title, b.kind, b.tags) for b in asked.briefs] == [
        ("i1", TaskKind.BUGFIX, ("issue-1",)),
        ("i2", TaskKind.BUGFIX, ("issue-2",)),
    ]
    assert not asked.is_queued


def test_issues_can_be_queued_at_once(house: House) -> None:
    asked = asked_by(house, "task", "import", "--github", "-", "--queue", stdin=ISSUES)
    assert asked.is_queued


def test_an_issue_that_is_in_the_backlog_is_not_added_again(house: House, repo: Path) -> None:
    house.write(
        ev.RepositoryAdded(Repo("r1", "project", str(repo), "")),
        ev.RepositoryAdded(Repo("r2", "other", "/other", "")),
        tev.TaskAdded("T1", Brief("i1", "r1", tags=("issue-1",)), "cli"),
        tev.TaskAdded("T2", Brief("i2", "r2", tags=("issue-2",)), "cli"),
    )
    shown = house.run("task", "import", "--github", "-", "--dry-run", stdin=ISSUES)
    assert [line.split()[-1] for line in shown.stdout.splitlines()[1:]] == ["i2"]
    assert shown.stderr == "acc: 1 are in the backlog already\n"
