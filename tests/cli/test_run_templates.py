"""`acc run --template`, `acc run templates`, `acc task run` and `acc runs tell`."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.model import Repo
from command_center.domain.run_intents import QueueRuns, TellOfRun
from command_center.domain.runs import Ration, RunOrder
from command_center.domain.task_events import TaskAdded
from command_center.domain.tasks import Brief, TaskKind
from tests.cli.house import House, Supervising
from tests.cli.test_runs import ended, queueing

TINY = """
[run-templates.tiny]
command = "python x.py"
metric = "loss"
seeds = "0..1"
cpus = 2
cpu_time = "1m"
wall = "1h"
env = { A = "a", B = "b" }
files = ["data"]
grid = { lr = [1, 2] }
"""
JUDGED = ("${python}", "judge.py", "--seed", "${seed}")


def orders(supervising: Supervising) -> tuple[RunOrder, ...]:
    [intent] = supervising.taken
    assert isinstance(intent, QueueRuns)
    return intent.orders


def experiment(house: House, repo: Path, run: str) -> None:
    brief = Brief("Try it", repo="r1", kind=TaskKind.EXPERIMENT, run=run)
    known = ev.RepositoryAdded(Repo("r1", "repo", str(repo), ""))
    house.write(known, TaskAdded("T1", brief, "cli"))


def test_a_template_says_what_the_options_do_not(house: House, repo: Path) -> None:
    house.places.settings.parent.mkdir(parents=True, exist_ok=True)
    house.places.settings.write_text(TINY)
    words = (
        "--template",
        "tiny",
        "--cpus",
        "1",
        "--wall",
        "2m",
        "--env",
        "B=c",
        "--bring",
        "w.bin",
    )
    with queueing(house) as supervising:
        done = house.run("run", *words, "--repo", str(repo))
    assert done.exit_code == 0, done.output
    asked = orders(supervising)
    assert asked[0].command == ("python", "x.py", "--lr=1")
    assert (asked[0].demand.cpus, asked[0].ration) == (1, Ration(wall_s=120.0, cpu_s=60.0))
    assert (asked[0].env, asked[0].files) == ({"A": "a", "B": "c"}, ("data", "w.bin"))
    assert [order.seed for order in asked] == [0, 1, 0, 1]
    assert (asked[0].template, asked[0].executor) == ("tiny", "")


def test_templates_are_listed_with_what_they_lack(house: House) -> None:
    done = house.run("run", "templates", "--json")
    lacking = {row["name"]: row["missing"] for row in house.rows("run", "templates")}
    has_torch = find_spec("torch") is not None
    assert list(lacking) == ["microgpt", "starter", "hard"]
    assert (lacking["microgpt"], lacking["starter"] == "") == ("", has_torch)
    assert ("pip install" in done.stderr) is not has_torch


def test_a_program_may_be_called_templates(house: House, repo: Path) -> None:
    with queueing(house) as supervising:
        assert house.run("run", "--repo", str(repo), "--", "templates").exit_code == 0
    assert orders(supervising)[0].command == ("templates",)


def test_an_unknown_template_is_refused_before_anything_is_asked(house: House, repo: Path) -> None:
    done = house.run("run", "--template", "strater", "--repo", str(repo))
    assert "did you mean 'starter'" in done.stderr
    assert house.intents() == []


@pytest.mark.parametrize(
    ("words", "template", "command"),
    [
        ((), "starter", JUDGED),
        (("--template", "microgpt"), "microgpt", JUDGED),
        (("--", "echo", "1"), "", ("echo", "1")),
    ],
)
def test_the_experiment_of_a_task_is_run(
    house: House, repo: Path, words: tuple[str, ...], template: str, command: tuple[str, ...]
) -> None:
    brief = Brief("Try it", repo="r1", kind=TaskKind.EXPERIMENT, run="starter")
    house.write(
        ev.RepositoryAdded(Repo("r1", "repo", str(repo), "")), TaskAdded("T1", brief, "cli")
    )
    with queueing(house) as supervising:
        done = house.run("task", "run", "t1", *words)
    assert (done.exit_code, "R1" in done.stdout) == (0, True), done.output
    [order] = orders(supervising)
    assert (order.task, order.template, order.command) == ("T1", template, command)


def test_a_task_that_names_no_experiment_says_how_to(house: House, repo: Path) -> None:
    brief = Brief("Try it", repo="r1", kind=TaskKind.EXPERIMENT)
    house.write(
        ev.RepositoryAdded(Repo("r1", "repo", str(repo), "")), TaskAdded("T1", brief, "cli")
    )
    assert "--template NAME" in house.run("task", "run", "T1").stderr


def test_an_agent_is_told_of_a_run_on_demand(house: House) -> None:
    ada = house.add_agent("ada")
    ended(house, "R1", 0.001, 2.9)
    ended(house, "R2", 0.003, 2.5)
    with queueing(house) as supervising:
        house.run("runs", "tell", "r1", "ada", "--against", "2")
    assert supervising.taken == [TellOfRun("R1", ada, "R2")]
