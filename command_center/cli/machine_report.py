"""What `acc machine --json` prints; see `reports` for what holds for all."""

from command_center.cli.reports import Report
from command_center.domain.machine import GpuLoad, HostLoad, Sample, StandingAlarm, TreeLoad
from command_center.domain.model import Fleet


class Tree(TreeLoad, frozen=True):
    name: str
    """The agent's; the run's id again."""


class MachineReport(Report, frozen=True, tag="machine"):
    at: float
    """Unix seconds."""
    host: HostLoad
    gpus: tuple[GpuLoad, ...]
    trees: tuple[Tree, ...]
    alarms: tuple[StandingAlarm, ...]
    absent: tuple[str, ...]
    """What cannot be told here."""
    is_simulated: bool
    """Whether the GPUs are made up."""


def machine_report(sample: Sample, fleet: Fleet) -> MachineReport:
    names = {agent.id: agent.name for agent in fleet.agents.values()}
    trees = (
        Tree(tree.owner, tree.processes, tree.cpu, tree.memory, names.get(tree.owner, tree.owner))
        for tree in sample.trees
    )
    return MachineReport(
        sample.at,
        sample.host,
        sample.gpus,
        tuple(trees),
        sample.alarms,
        sample.absent,
        sample.is_simulated,
    )
