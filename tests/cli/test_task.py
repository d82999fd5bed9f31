from pathlib import Path

import pytest

from command_center.domain import events as ev, task_events as tev
from command_center.domain.model import State
from command_center.domain.task_intents import (
    ApproveTask,
    AssignTask,
    DiscardTask,
    QueueTask,
    ReturnTask,
    ReviseTask,
)
from command_center.domain.tasks import Brief, Check, Judge, TaskKind
from command_center.domain.usage import Tokens
from tests.cli.house import House, Supervising
from tests.cli.tasks import ADA, add_tasks, refused, taken
from tests.cli.test_completion import completed
from tests.cli.test_usage import NOW as NOW_SPENT, Books

MAKE = Check(Judge.COMMAND, ("make", "test"))


@pytest.fixture
def backlog(house: House) -> House:
    """T1 is in review, T2 waits for T3, T4 is held at its check, T5 is over."""
    add_tasks(
        house,
        Brief("one", "r1", check=MAKE, tags=("api",), prompt="Do\x1b[31m it"),
        Brief("two", "r1", needs=("T3",)),
        Brief("three", "r1"),
        Brief("four", "r1"),
        Brief("five", "r1"),
    )
    house.write(
        tev.TaskAssigned("T1", ADA, "it is idle", "tasks/t1-one"),
        tev.CheckPassed("T1", "all\x1b[2J good", "its command", ("a.py",)),
        tev.PlacementProposed("T3", ADA, "it has been idle the longest"),
        tev.TaskAssigned("T4", ADA, "you chose it"),
        tev.CheckIntended("T4"),
        tev.TaskHeld("T4", "waits for your yes"),
        tev.TaskDiscarded("T5"),
    )
    return house


def test_what_needs_the_user_is_listed_first_and_what_is_over_not_at_all(backlog: House) -> None:
    lines = backlog.run("task", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["T1", "T4", "T3", "T2"]
    assert "review (needs you)" in lines[1]
    assert "→ ada: it has been idle the longest" in lines[3]


def test_a_task_whose_agent_asks_something_says_so(backlog: House) -> None:
    backlog.say("ada", State.WAITING, "may I?")
    shown = backlog.run("task", "list").stdout.splitlines()
    assert "ada waits for you: may I?" in next(line for line in shown if line.startswith("T4"))


def test_the_list_of_agents_names_the_task_of_each(house: House) -> None:
    add_tasks(house, Brief("one", "r1"))
    house.write(tev.TaskAssigned("T1", ADA, "it is idle"))
    assert house.run("list").stdout.splitlines()[1].endswith("T1 one")
    assert house.rows("show", "ada")[0]["works_on"] == "T1"


def test_what_a_task_has_cost_is_shown(house: House) -> None:
    add_tasks(house, Brief("one", "r1"))
    house.write(
        ev.SessionLearned(ADA, "s-ada"),
        tev.TaskAssigned("T1", ADA, "it is idle"),
        tev.TaskStarted("T1", NOW_SPENT - 60),
    )
    books = Books(house)
    books.spend("s-ada", Tokens(1_000_000, 100_000))
    books.spend("s-ada", Tokens(5), ago=120)
    books.store.close()
    assert "tokens      1,100,000\nmoney       $" in house.run("task", "show", "T1").stdout
    [row] = house.rows("task", "list")
    assert isinstance(row["spent"], dict)
    assert row["spent"]["total"] == 1_100_000


def test_the_list_can_be_narrowed(backlog: House) -> None:
    def ids(*words: str) -> list[object]:
        return [row["id"] for row in backlog.rows("task", "list", *words)]

    assert ids("--life", "discarded", "--life", "queued") == ["T3", "T2", "T5"]
    assert ids("--tag", "api") == ["T1"]
    assert len(ids("--all")) == 5


def test_an_empty_backlog_says_how_to_begin(house: House) -> None:
    assert "acc task add" in house.run("task", "list").stderr


def test_everything_about_a_task_is_shown_without_control_sequences(backlog: House) -> None:
    shown = backlog.run("task", "show", "t1").stdout
    assert "done when   make test\n" in shown
    assert "prompt      Do it\n" in shown
    assert "output      all good\n" in shown
    assert "agent       ada\n" in shown
    assert "\x1b" not in shown
    assert "behind it   1 tasks wait for it" in backlog.run("task", "show", "3").stdout


def test_programs_get_all_of_a_task(backlog: House) -> None:
    [row] = backlog.rows("task", "show", "T2")
    assert (row["life"], row["unmet"], row["by"]) == ("queued", ["T3"], "cli")
    [row] = backlog.rows("task", "show", "T3")
    assert (row["proposed"], row["waiting_behind"]) == ("ada", 1)


def test_an_unknown_task_is_exit_code_3(backlog: House) -> None:
    result = backlog.run("task", "show", "T9")
    assert (result.exit_code, result.stderr) == (3, "acc: no task 'T9'; see `acc task list`\n")


def test_decisions_are_asked_for(backlog: House) -> None:
    with Supervising(backlog, taken) as supervising:
        said = [
            backlog.run("task", *words).stdout
            for words in (
                ("queue", "t2", "3", "T2"),
                ("assign", "T3", "ad"),
                ("assign", "T3"),
                ("approve", "T1"),
                ("return", "T4", "Not \x1b[1myet."),
                ("discard", "T2"),
            )
        ]
    assert supervising.taken == [
        QueueTask("T2"),
        QueueTask("T3"),
        AssignTask("T3", ADA),
        AssignTask("T3"),
        ApproveTask("T1"),
        ReturnTask("T4", "Not \x1b[1myet."),
        DiscardTask("T2"),
    ]
    assert said == [
        "T2 queued\nT3 queued\n",
        "T3 given\n",
        "T3 given\n",
        "T1 approved\n",
        "T4 sent back to ada\n",
        "T2 discarded\n",
    ]


def test_a_refused_decision_is_exit_code_1(backlog: House) -> None:
    with Supervising(backlog, refused):
        result = backlog.run("task", "approve", "T2", "T3", "--json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == "acc: T2: approve refused: no such luck"
    assert result.stdout.count('"asked":"task approve","is_refused":true') == 2


def test_a_task_is_not_sent_back_without_words(backlog: House) -> None:
    assert backlog.run("task", "return", "T4", " ").exit_code == 2
    assert backlog.intents() == []


def test_options_change_what_they_name_and_nothing_else(backlog: House) -> None:
    backlog.write(tev.TaskAdded("T6", Brief("six", "r1", "x", check=MAKE, needs=("T2",)), "cli"))
    with Supervising(backlog, taken) as supervising:
        backlog.run("task", "edit", "T6", "--priority", "2", "--title", "Six")
        backlog.run("task", "edit", "T6", "--judge", "review", "--needs", "")
    assert supervising.taken == [
        ReviseTask("T6", Brief("Six", "r1", "x", check=MAKE, needs=("T2",), priority=2)),
        ReviseTask("T6", Brief("Six", "r1", "x", check=Check(Judge.REVIEW), priority=2)),
    ]


def test_an_editor_gets_the_task_as_markdown(
    backlog: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\ncp "$1" "$0.seen"\n'
        "printf '## Zwei\\nkind: plan\\nneeds: 3, t4\\n\\nDo # it.\\n' >\"$1\"\n"
    )
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    with Supervising(backlog, taken) as supervising:
        assert backlog.run("task", "edit", "T2").stdout == "T2 changed\n"
    assert (tmp_path / "editor.seen").read_text() == "## two\n\nkind: feature\nneeds: T3\n"
    changed = Brief("Zwei", "r1", "Do # it.", kind=TaskKind.PLAN, needs=("T3", "T4"))
    assert supervising.taken == [ReviseTask("T2", changed)]


def test_a_task_that_an_agent_has_is_not_opened(
    backlog: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "false")
    result = backlog.run("task", "edit", "T4")
    assert (result.exit_code, backlog.intents()) == (1, [])
    assert "T4 is check; take it back first" in result.stderr


def test_an_unchanged_task_is_not_asked_for(
    backlog: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "true")
    result = backlog.run("task", "edit", "T2")
    assert (result.exit_code, result.stderr) == (0, "acc: T2: nothing was changed\n")
    assert backlog.intents() == []


@pytest.mark.usefixtures("backlog")
def test_tasks_and_templates_are_offered() -> None:
    assert completed("task", "approve", "t") == ["T1", "T2", "T3", "T4"]
    assert completed("task", "add", "--template", "re") == ["research", "review"]


def test_who_is_idle_and_what_would_go_where_is_shown(backlog: House) -> None:
    backlog.add_agent("bell", pane="%8")
    backlog.say("bell", State.BUSY)
    shown = backlog.run("dispatch").stdout.splitlines()
    assert shown[0] == "mode  manual"
    assert shown[3].split(maxsplit=3)[3] == "can take a task"
    assert shown[4:] == [
        "T3 → ada because it has been idle the longest (three)",
        "T2 stays: not looked at yet (two)",
    ]


def test_a_dry_run_says_only_what_would_go_where(backlog: House) -> None:
    backlog.write(tev.PlacementProposed("T2", "new demo", "there is room"))
    shown = backlog.run("dispatch", "automatic", "--dry-run").stdout.splitlines()
    assert shown[1] == "T2 → a new demo because there is room (two)"
    rows = backlog.rows("dispatch", "--dry-run")
    assert [(row["task"], row["agent"], row["spec"]) for row in rows] == [
        ("T3", "ada", ""),
        ("T2", "", "demo"),
    ]
    assert backlog.intents() == []


def test_programs_get_the_mode_the_idle_and_the_places(backlog: House) -> None:
    kinds = [row["kind"] for row in backlog.rows("dispatch")]
    assert kinds == ["dispatch", "worker", "placement", "placement"]


def test_the_mode_is_set(backlog: House) -> None:
    with Supervising(backlog, taken) as supervising:
        assert backlog.run("dispatch", "confirm").stdout == "mode  confirm\n"
    assert [getattr(each, "mode", "") for each in supervising.taken] == ["confirm"]
    assert backlog.run("dispatch", "often").exit_code == 2
