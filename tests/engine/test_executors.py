"""Several places for runs side by side, one of which is out of order."""

from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, QueueRuns
from command_center.domain.runs import RunLife, RunOrder
from tests.center import Center
from tests.gitrepo import write

# No such Slurm is anywhere, whether its programs are installed or not.
SETTINGS = """
[executors.lab]
kind = "slurm"
timeout_s = 5
[executors.moon]
kind = "rocket"
"""


async def test_a_cluster_that_is_out_of_order_holds_up_nothing_but_its_own_runs(
    center: Center,
) -> None:
    write(center.places.settings, SETTINGS)
    center.start_supervisor()
    orders = [RunOrder(("true",), executor=name) for name in ("lab", "moon", "local")]
    answer = await center.answer(QueueRuns(tuple(orders), str(center.repo)))
    lab, moon, local = answer.text.split()

    def is_told(fleet: Fleet) -> bool:
        problems = [site.problem for site in fleet.sites.values()]
        return fleet.runs[local].life.is_over and sum(map(bool, problems)) == 2

    fleet = await center.until(is_told)
    assert [fleet.runs[name].life for name in (lab, moon, local)] == [
        RunLife.QUEUED,
        RunLife.QUEUED,
        RunLife.DONE,
    ]
    assert fleet.sites["moon"].problem == (
        "config.toml: [executors.moon]: `kind` is one of: ray, slurm"
    )
    for name in (lab, moon):
        assert not (await center.answer(CancelRun(name))).is_refused
    assert center.fleet.runs[lab].life is RunLife.CANCELLED
