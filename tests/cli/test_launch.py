from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.intents import Intent, Launch
from command_center.domain.model import Order
from tests.cli.house import House, Supervising

pytestmark = pytest.mark.usefixtures("repo")


def test_a_launch_asks_for_exactly_what_was_said(house: House, repo: Path) -> None:
    words = ("--base", "v1", "--branch", "x/{name}", "--model", "big", "--mode", "plan")
    more = (
        "--name",
        "zed",
        "--tag",
        "api",
        "--tag",
        "old",
        "--trust",
        "--repo",
        str(repo / "src"),
        "--no-wait",
    )
    result = house.run("launch", "demo", "-p", "Fix it", *words, *more)
    assert result.exit_code == 0
    assert house.intents() == [
        Launch(
            spec="demo",
            repo=str(repo / "src"),
            prompt="Fix it",
            name="zed",
            base="v1",
            branch="x/{name}",
            model="big",
            mode="plan",
            trusts_repo=True,
            tags=("api", "old"),
        )
    ]


def test_a_count_launches_that_many(house: House, repo: Path) -> None:
    house.run("launch", "demo:3", "shell", "-p", "same", "--no-wait")
    demo, shell = Launch("demo", str(repo), "same"), Launch("shell", str(repo), "same")
    assert house.intents() == [demo, demo, demo, shell]


def test_every_line_is_a_task_of_its_own(house: House, repo: Path) -> None:
    (repo / "tasks.txt").write_text("one\n\n  two  \n")
    house.run("launch", "demo", "shell", "--per-line", "-f", "tasks.txt", "--no-wait")
    first = Launch("demo", str(repo), "one")
    shell = replace(first, spec="shell")
    assert house.intents() == [
        first,
        shell,
        replace(first, prompt="two"),
        replace(shell, prompt="two"),
    ]


def test_a_prompt_from_standard_input_keeps_every_byte(house: House, repo: Path) -> None:
    prompt = "a 'b' \"c\" #(d) ;\n\n\t`e` $f 🙂 \\"
    house.run("launch", "demo", "-", "--no-wait", stdin=prompt + "\n")
    assert house.intents() == [Launch("demo", str(repo), prompt)]


def test_a_prompt_file_that_is_not_text_is_refused(house: House, repo: Path) -> None:
    (repo / "blob").write_bytes(b"\xff\xfe")
    result = house.run("launch", "demo", "-f", "blob", "--no-wait")
    assert (result.exit_code, house.intents()) == (2, [])
    assert "blob: not UTF-8 text" in result.stderr


def test_a_missing_prompt_file_is_named(house: House) -> None:
    result = house.run("launch", "demo", "-f", "nowhere.txt", "--no-wait")
    assert (result.exit_code, house.intents()) == (1, [])
    assert result.stderr == "acc: nowhere.txt: No such file or directory\n"


@pytest.mark.parametrize("count", ["0", "-1", "x", "", "101", "²"])
def test_a_count_that_is_none_is_refused(house: House, count: str) -> None:
    result = house.run("launch", f"demo:{count}", "--no-wait")
    assert (result.exit_code, house.intents()) == (2, [])


def test_one_name_for_two_agents_is_refused(house: House) -> None:
    result = house.run("launch", "demo:2", "--name", "zed", "--no-wait")
    assert (result.exit_code, house.intents()) == (2, [])


def test_an_unknown_spec_is_told_the_nearest(house: House) -> None:
    result = house.run("launch", "demo", "shel", "--no-wait")
    assert (result.exit_code, house.intents()) == (3, [])
    assert "no agent spec 'shel'; did you mean shell?" in result.stderr


def test_the_settings_choose_the_spec_when_none_is_given(house: House, repo: Path) -> None:
    house.places.config.mkdir(parents=True)
    house.places.settings.write_text('spec = "shell"\n')
    house.run("launch", "-p", "x", "--no-wait")
    assert house.intents() == [Launch("shell", str(repo), "x")]


def launched(intent: str, asked: Intent) -> Iterable[ev.Event]:
    assert isinstance(asked, Launch)
    if asked.spec == "shell":
        return [ev.IntentTaken(intent, "Launch"), ev.IntentRefused(intent, "the disk is full")]
    agent = f"zed-{intent}"
    order = Order("demo", "r1", "agents/zed", "HEAD", "/tmp/w/zed")
    return [
        ev.IntentTaken(intent, "Launch"),
        ev.LaunchIntended(agent, "zed", "l1", order, intent=intent),
        ev.IntentDone(intent, agent),
    ]


def test_a_launch_prints_name_branch_and_worktree(house: House) -> None:
    with Supervising(house, launched):
        result = house.run("launch", "demo")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split() == ["zed", "agents/zed", "/tmp/w/zed"]


def test_one_refused_launch_is_named_and_the_others_run(house: House) -> None:
    with Supervising(house, launched):
        result = house.run("launch", "demo", "shell")
    assert result.exit_code == 1
    assert "agents/zed" in result.stdout
    assert result.stderr == "acc: shell: launch refused: the disk is full\n"


def test_answers_for_programs_say_what_was_refused(house: House) -> None:
    with Supervising(house, launched):
        rows = house.rows("launch", "demo", "shell")
    assert [(r["kind"], r["is_refused"]) for r in rows] == [("answer", False), ("answer", True)]


def test_no_answer_in_time_leaves_the_request_in_the_inbox(house: House, repo: Path) -> None:
    result = house.run("launch", "demo", "--timeout", "0.1")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "1 of 1 requests had no answer after 0.1 s" in result.stderr
    assert house.intents() == [Launch("demo", str(repo))]
