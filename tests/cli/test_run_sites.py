"""`acc runs executors` against a log that a supervisor could have written."""

from command_center.domain import run_events as rev
from command_center.domain.runs import Devices, RunOrder, Site
from tests.cli.house import House
from tests.gitrepo import write

SETTINGS = '[executors.lab]\nkind = "slurm"\n[executors.moon]\nkind = "ray"\n'


def test_each_place_tells_what_it_has_and_what_is_there(house: House) -> None:
    write(house.places.settings, SETTINGS)
    house.write(rev.ExecutorMeasured("lab", Site(64, 8)))
    house.write(rev.ExecutorMeasured("lab", Site(64, 8, "does not answer")))
    for name in ("R1", "R2", "R3"):
        house.write(rev.RunQueued(name, RunOrder(("train",), executor="lab"), "cli"))
    house.write(rev.LeaseGranted("R1", Devices(), 1), rev.RunSubmitted("R1", "7"))
    local, lab, moon = house.rows("runs", "executors", "--json")
    assert (local["name"], local["cpus"], local["queued"]) == ("local", None, 0)
    assert lab == {
        "kind": "executor",
        "name": "lab",
        "backend": "slurm",
        "cpus": 64,
        "gpus": 8,
        "queued": 2,
        "there": 1,
        "problem": "does not answer",
    }
    assert (moon["backend"], moon["cpus"]) == ("ray", None)
    table = house.run("runs", "executors").stdout
    assert "lab       slurm  64    8     2       1      does not answer" in table
