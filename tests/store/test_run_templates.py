"""Templates of runs are data: shipped, the user's, and those of a project that is trusted."""

from pathlib import Path

import pytest

from command_center.domain.errors import NotFound, SpecError
from command_center.domain.places import Places
from command_center.domain.run_templates import seconds_of, shown_seconds
from command_center.domain.runs import Demand, Ration
from command_center.store.run_templates import load_run_templates
from command_center.store.trust import TrustStore
from command_center.training.bundle import NAMES

OWN = """
[run-templates.tiny]
about = "Two layers"
command = "python train.py --tag 'two words'"
folder = "small"
files = ["data/text.bin"]
metric = "val_bpb"
seeds = "0..2"
grid = { lr = [1e-3, 3e-4], tied = [true] }
cpus = 2
gpus = 1
gpu_memory = 8
cpu_time = "1.5h"
env = { A = "b" }
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places.of({"COMMAND_CENTER_HOME": str(tmp_path / "home")}, tmp_path)
    found.settings.parent.mkdir(parents=True)
    return found


def test_every_bundled_task_is_a_template(places: Places) -> None:
    found = load_run_templates(places)
    assert found.problems == ()
    assert {name: t.training for name, t in found.by_name.items()} == {n: n for n in NAMES}


def test_a_template_of_ones_own_becomes_an_order(places: Places) -> None:
    places.settings.write_text(OWN)
    template = load_run_templates(places).template("tiny")
    order = template.order("tiny")
    assert order.command == ("python", "train.py", "--tag", "two words")
    assert (order.template, order.folder, order.files) == ("tiny", "small", ("data/text.bin",))
    assert (order.demand, order.ration) == (Demand(2, 1, 8.0), Ration(cpu_s=5400.0))
    assert (template.axes, order.env) == (["lr=0.001,0.0003", "tied=true"], {"A": "b"})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[run-templates.x]\ncomand = 'a'", "did you mean 'command'?"),
        ("[run-templates.x]\nabout = 'a'", "needs a command"),
        ("[run-templates.x]\ncommand = 'a'\nwall = 'soon'", "write 36s, 10m or 1.5h"),
        ("[run-templates.x]\ncommand = 'a'\nseeds = '3..0'", "no range"),
        ('[run-templates.x]\ncommand = "a \'b"', "No closing quotation"),
    ],
)
def test_a_wrong_template_says_what_is_wrong_and_spoils_no_other(
    places: Places, table: str, said: str
) -> None:
    places.settings.write_text(f"{OWN}{table}\n")
    found = load_run_templates(places)
    assert "tiny" in found.by_name
    with pytest.raises(SpecError) as error:
        found.template("x")
    assert said in str(error.value)


def test_an_unknown_template_names_what_there_is(places: Places) -> None:
    with pytest.raises(NotFound, match="did you mean 'starter'"):
        load_run_templates(places).template("strater")


def test_a_projects_templates_count_once_it_is_trusted(places: Places, tmp_path: Path) -> None:
    folder = tmp_path / "project" / ".command-center"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(OWN)
    found = load_run_templates(places, folder.parent)
    assert "tiny" not in found.by_name
    assert "acc trust" in found.problems[0]
    TrustStore(places.trust).trust(folder)
    assert "tiny" in load_run_templates(places, folder.parent).by_name


def test_times_are_read_as_they_are_shown() -> None:
    for seconds, shown in ((0.0, ""), (36.0, "36s"), (600.0, "10m"), (5400.0, "90m")):
        assert shown_seconds(seconds) == shown
        assert seconds_of(shown or "0") == seconds
