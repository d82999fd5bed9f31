"""The form that starts runs, answered by keys."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain.model import Agent, Diff, Fleet, Order
from command_center.domain.run_intents import QueueRuns
from command_center.domain.run_templates import RunTemplate
from command_center.domain.runs import Demand, Ration, Run, RunLife, RunOrder
from command_center.domain.tasks import Brief, Task, TaskKind
from command_center.tui.dialogs.draft import DraftError
from command_center.tui.dialogs.run import RunDialog
from command_center.tui.dialogs.run_draft import RunDraft, beginning, queued_by, run_summary
from tests.tui.dialog_app import Asking

SIZES = [(80, 24), (200, 60)]
TEMPLATES = {
    "tiny": RunTemplate(
        about="Two layers",
        command="${python} train.py --seed '${seed}'",
        metric="acc",
        higher_is_better=True,
        seeds="0..2",
        grid={"lr": (1, 2)},
        gpus=1,
        gpu_memory=8.0,
        cpu_time="10m",
        steps=500,
        memory=4.0,
        files=("data",),
    ),
    "big": RunTemplate(about="With torch", command="python train.py", training="starter"),
}
ORDER = Order("echo", "r1", "agents/ada", "HEAD", "/trees/ada", "")
ADA = Agent("ada-1", "ada", ORDER, 0.0, base_commit="c0ffee", diff=Diff(uncommitted=2))
TASK = Task("T1", Brief("Is it better?", "r1", kind=TaskKind.EXPERIMENT), 0.0, branch="t1")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    (tmp_path / "sub").mkdir()
    return tmp_path


def took(name: str, seconds: float, template: str = "") -> Run:
    order = RunOrder(("x",), metric="val_bpb", template=template)
    ended = Run(name, order, 0.0, life=RunLife.DONE)
    return replace(ended, started_at=100.0, ended_at=100.0 + seconds)


FLEET = Fleet(agents={ADA.id: ADA}, runs={"R1": took("R1", 260.0), "R2": took("R2", 300.0)})


async def _two(_: Path) -> int:
    return 2


def form(repo: Path, task: Task | None = None, base: str = "") -> Asking[QueueRuns]:
    dialog = RunDialog(
        FLEET,
        RunDraft(repo=str(repo), base=base),
        TEMPLATES,
        lacking={"big": "torch"},
        executors=("local", "moon"),
        slots=2,
        left_out=_two,
        task=task,
    )
    return Asking(dialog)


@pytest.mark.parametrize("size", SIZES)
async def test_a_command_is_enough(repo: Path, size: tuple[int, int]) -> None:
    app = form(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press("tab", *"python x.py 'a b'", "ctrl+s")
    order = RunOrder(("python", "x.py", "a b"), executor="")
    assert app.answer == QueueRuns((order,), str(repo))


@pytest.mark.parametrize("size", SIZES)
async def test_a_template_fills_the_form_and_every_field_can_be_reached(
    repo: Path, size: tuple[int, int]
) -> None:
    app = form(repo)
    async with app.run_test(size=size) as pilot:
        await pilot.press("right", *["tab"] * 3, *"ada", "tab", "space", *["tab"] * 8, *"ada")
        await pilot.press("tab", "right", "right", "ctrl+s")
    assert isinstance(app.answer, QueueRuns)
    first = app.answer.orders[0]
    assert (len(app.answer.orders), app.answer.place) == (6, "/trees/ada")
    assert (first.command[:2], first.command[-1]) == (("${python}", "train.py"), "--lr=1")
    assert (first.after, first.agent, first.base) == (ADA.id, ADA.id, "agents/ada")
    assert (first.demand, first.ration) == (
        Demand(1, 1, 8.0, 4.0),
        Ration(cpu_s=600.0, steps=500),
    )
    assert (first.metric, first.is_higher_better, first.executor) == ("acc", True, "moon")
    assert (first.template, first.files, first.seed) == ("tiny", ("data",), 0)


async def test_what_is_not_committed_is_said_to_be_left_out(repo: Path) -> None:
    app = form(repo)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "left out: 2 uncommitted paths; commit" in app.said
        await pilot.press("tab", "tab", "tab", *"main")
        await pilot.pause()
        assert not app.dialog.has_class("-warns")
    app = form(repo, base="ada")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "2 uncommitted paths of ada" in app.said


async def test_a_template_without_its_module_says_so_plainly(repo: Path) -> None:
    app = form(repo)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("left", "ctrl+s")
        assert "big needs torch: pip install 'command-center[train]'" in app.said


async def test_the_experiment_of_a_task_names_it(repo: Path) -> None:
    app = form(repo, TASK)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Run T1: Is it better?" in app.text
        await pilot.press("tab", *"true", "ctrl+s")
    assert isinstance(app.answer, QueueRuns)
    [order] = app.answer.orders
    assert (order.task, order.base) == ("T1", "HEAD")


def test_a_summary_says_what_will_start_and_for_how_long(repo: Path) -> None:
    draft = RunDraft(command="x", repo=str(repo), seeds="0..5", metric="val_bpb")
    assert run_summary(queued_by(draft, FLEET, {}), FLEET, 2) == (
        "6 runs, 2 slots, about 14 min, at HEAD"
    )
    one = replace(draft, seeds="", limits="90s wall", metric="", base="ada", awaits=True)
    assert run_summary(queued_by(one, FLEET, {}), FLEET, 2) == (
        "1 run, 2 slots, at most about 2 min, after the turn of ada"
    )


def test_it_starts_in_the_folder_that_is_named(repo: Path) -> None:
    [order] = queued_by(RunDraft(command="x", repo=str(repo / "sub")), FLEET, {}).orders
    assert order.folder == "sub"


def test_a_template_is_shown_as_it_is_read() -> None:
    draft = beginning(RunDraft(repo="/"), "tiny", TEMPLATES["tiny"])
    assert (draft.limits, draft.gpus, draft.metric, draft.sweep) == (
        "10m cpu, 500 steps, 4 GiB",
        "1 x 8",
        "+acc",
        "lr=1,2",
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"command": ""}, "choose a template"),
        ({"command": "a 'b"}, "command: No closing quotation"),
        ({"repo": ""}, "give the path"),
        ({"seeds": "9..1"}, "seeds: "),
        ({"command": "x ${seed}"}, "seeds: the command holds"),
        ({"sweep": "lr"}, "NAME=VALUE"),
        ({"cpus": "0"}, "CPU slots"),
        ({"gpus": "many"}, "2 x 16"),
        ({"limits": "soon"}, "limits: "),
        ({"limits": "10m moon"}, "500 steps"),
        ({"tell": "nobody"}, "no agent nobody"),
        ({"awaits": True}, "name the agent"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(
    repo: Path, fields: dict[str, object], said: str
) -> None:
    draft = replace(RunDraft(command="x", repo=str(repo)), **fields)
    with pytest.raises(DraftError) as error:
        queued_by(draft, FLEET, TEMPLATES)
    assert said in str(error.value)
