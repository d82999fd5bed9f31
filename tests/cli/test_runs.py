"""`acc run` and `acc runs` against a log that a supervisor could have written."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from command_center.domain import events as ev, run_events as rev
from command_center.domain.intents import Intent
from command_center.domain.metrics import Point
from command_center.domain.model import Repo
from command_center.domain.run_intents import CancelRun, QueueRuns
from command_center.domain.runs import Contention, Demand, Devices, Ration, RunLife, RunOrder
from command_center.store.runs import Position, RunLedger
from tests.cli.house import House, Supervising
from tests.gitrepo import commit, make_repository, run_git, write


def queueing(house: House) -> Supervising:
    def reply(asked: str, intent: Intent) -> Iterable[ev.Event]:
        yield ev.IntentTaken(asked, type(intent).__name__)
        if isinstance(intent, QueueRuns):
            names = [f"R{place + 1}" for place in range(len(intent.orders))]
            for name, order in zip(names, intent.orders, strict=True):
                yield rev.RunQueued(name, order, "cli")
            yield ev.IntentDone(asked, text=" ".join(names))
        elif isinstance(intent, CancelRun) and intent.run == "R1":
            yield rev.RunEnded("R1", RunLife.CANCELLED, "cancelled")
            yield ev.IntentDone(asked, text="R1")
        else:
            yield ev.IntentRefused(asked, "R2 is done already")

    return Supervising(house, reply)


def ended(house: House, name: str, lr: float, result: float | None, **more: str) -> None:
    order = RunOrder(
        ("train", f"--lr={lr}"),
        repo=more.get("repo", ""),
        commit=more.get("commit", ""),
        config={"lr": lr},
        metric="val_bpb",
        sweep="s1",
    )
    life = RunLife.DONE if result is not None else RunLife.CRASHED
    figures: dict[str, float | None] = {} if result is None else {"val_bpb": result}
    contention = Contention(cpu_pressure=0.25)
    house.write(rev.RunQueued(name, order, "cli"))
    house.write(rev.LeaseGranted(name, devices=Devices(), attempt=1))
    house.write(rev.RunStarted(name, "handle"))
    house.write(rev.RunEnded(name, life, "", 0 if result else 3, figures, contention))


@pytest.fixture
def three(house: House) -> House:
    ended(house, "R1", 0.001, 2.9)
    ended(house, "R2", 0.003, 2.5)
    ended(house, "R3", 0.01, None)
    return house


def test_options_become_an_order(house: House, repo: Path) -> None:
    inside = write(repo / "sub" / "x", "")
    with queueing(house) as supervisor:
        done = house.run(
            *("run", "--repo", str(inside.parent), "--cpus", "2", "--gpus", "1", "--memory", "1.5"),
            *("--wall", "10m", "--cpu-time", "36s", "--steps", "9", "--env", "A=b=c"),
            *("--metric", "acc", "--higher-is-better", "--retries", "1", "--priority", "3"),
            *("--tell", "ada", "--after", "bob", "--tag", "t", "--", "python", "x.py", "--lr", "1"),
        )
    assert done.exit_code == 0
    [intent] = supervisor.taken
    assert isinstance(intent, QueueRuns)
    assert intent.place == str(repo)
    assert intent.orders == (
        RunOrder(
            command=("python", "x.py", "--lr", "1"),
            folder="sub",
            env={"A": "b=c"},
            demand=Demand(2, 1, 0.0, 1.5),
            ration=Ration(600, 36, 0, 9),
            metric="acc",
            is_higher_better=True,
            retries=1,
            priority=3,
            agent="ada",
            after="bob",
            executor="",
            tags=("t",),
        ),
    )


def test_a_grid_and_seeds_become_a_sweep(house: House, repo: Path) -> None:
    del repo
    with queueing(house) as supervisor:
        done = house.run("run", "--grid", "lr=1,2", "--seeds", "0..1", "--json", "--", "train")
    assert len(done.stdout.splitlines()) == 4
    [intent] = supervisor.taken
    assert isinstance(intent, QueueRuns)
    assert [(o.command[1], o.seed) for o in intent.orders] == [
        ("--lr=1", 0),
        ("--lr=1", 1),
        ("--lr=2", 0),
        ("--lr=2", 1),
    ]
    assert len({o.sweep for o in intent.orders}) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give a command"),
        (("--wall", "soon", "x"), "'soon' is no time"),
        (("--seeds", "a", "x"), "--seeds:"),
        (("--grid", "lr", "x"), "is not NAME=VALUE"),
        (("--env", "A", "x"), "is not NAME=VALUE"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    house: House, repo: Path, words: tuple[str, ...], said: str
) -> None:
    del repo
    done = house.run("run", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_what_is_not_committed_is_said_to_be_left_out(house: House, repo: Path) -> None:
    with queueing(house):
        assert house.run("run", "--", "x").stderr == ""
        write(repo / "new.txt", "x")
        assert "1 uncommitted paths" in house.run("run", "--", "x").stderr
        assert house.run("run", "--base", "main", "--", "x").stderr == ""


def test_outside_of_a_repository_there_is_a_way_out(house: House, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    done = house.run("run", "--repo", str(tmp_path), "--", "x")
    assert done.exit_code == 1
    assert "--in-place" in done.stderr


def test_runs_are_listed_and_shown(three: House) -> None:
    listed = three.run("runs").stdout.splitlines()
    assert [line.split()[:2] for line in listed[1:]] == [
        ["R1", "done"],
        ["R2", "done"],
        ["R3", "crashed"],
    ]
    shown = three.run("runs", "show", "2").stdout
    assert "val_bpb: 2.5" in shown
    assert "0.25 (CPU pressure" in shown
    assert three.rows("runs", "show", "r2")[0]["result"] == 2.5
    assert three.run("runs", "show", "R9").exit_code == 3


def test_a_comparison_has_the_best_first_and_only_differences(three: House) -> None:
    lines = [line.split() for line in three.run("runs", "compare", "s1").stdout.splitlines()]
    assert lines[0] == ["RUN", "LIFE", "val_bpb", "TOOK", "NOISE", "lr"]
    assert [line[0] for line in lines[1:]] == ["R2", "R1", "R3"]


def test_a_comparison_shows_what_differs_in_the_code(house: House, tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    first = run_git(root, "rev-parse", "HEAD")
    write(root / "new.txt", "red \x1b[31m line\n")
    second = commit(root, "second")
    house.write(ev.RepositoryAdded(Repo("r9", "project", str(root), str(root / ".git"))))
    ended(house, "R1", 0.1, 1.0, repo="r9", commit=first)
    ended(house, "R2", 0.1, 2.0, repo="r9", commit=second)
    shown = house.run("runs", "compare", "R1", "R2", "--diff").stdout
    assert "+red  line" in shown
    assert "\x1b" not in shown


def test_an_export_has_one_row_for_each_run_or_each_figure(three: House) -> None:
    head, *rows = three.run("runs", "export").stdout.splitlines()
    columns = head.split("\t")
    assert len(rows) == 3
    assert dict(zip(columns, rows[1].split("\t"), strict=True))["config.lr"] == "0.003"
    with RunLedger(three.places.ledger, is_writer=True) as ledger:
        points = [Point("loss", 1.0, 0.5, 7.0), Point("loss", 2.0, None, 8.0)]
        ledger.record("R1", 1, "log", points, Position())
    curves = three.run("runs", "export", "--curves", "R1").stdout.splitlines()
    assert curves[1:] == ["R1\tloss\t1.0\t0.5\t7.0", "R1\tloss\t2.0\t\t8.0"]


def test_what_a_run_printed_is_shown_without_control_sequences(three: House) -> None:
    log = three.places.run("R1", 1) / "log.txt"
    write(log, "red \x1b[31mtext\nend\n")
    assert three.run("runs", "logs", "R1", "--follow").stdout == "red text\nend\n"
    assert three.run("runs", "logs", "R2").stdout == ""


def test_one_refusal_among_several_is_told(house: House) -> None:
    for name in ("R1", "R2"):
        house.write(rev.RunQueued(name, RunOrder(("x",)), "cli"))
    with queueing(house):
        done = house.run("runs", "cancel", "R1", "R2")
    assert done.stdout == "R1\n"
    assert done.exit_code == 1
    assert "R2: cancel refused: R2 is done already" in done.stderr
