"""`acc machine`: what this machine does now, and for whom."""

import os
import time
from collections.abc import Iterator

import click

from command_center.cli.desk import Desk
from command_center.cli.machine_report import machine_report
from command_center.cli.options import as_json
from command_center.cli.out import print_fields, print_json, print_table, problem
from command_center.domain.machine import GIB, GpuLoad, HostLoad, Process, Sample
from command_center.domain.model import Fleet

FRESH_SECONDS = 3.0
"""How old a sample of the supervisor's may be, that nothing is measured here."""
LOOK_SECONDS = 0.5
"""What shares and rates are of, where it is."""


@click.command()
@as_json
def machine(as_json: bool) -> None:
    """Show what GPUs, CPUs and memory do, and for which agents and runs."""
    with Desk() as desk:
        fleet = desk.fleet
        sample = _kept(desk) or _measured(desk, fleet)
    if as_json:
        print_json(machine_report(sample, fleet))
        return
    print_fields(list(_fields(sample.host)))
    if sample.gpus:
        click.echo()
        made_up = " (simulated)" if sample.is_simulated else ""
        head = ("GPU", f"NAME{made_up}", "USE", "MEMORY", "POWER", "TEMP", "CLOCK", "HELD DOWN BY")
        rows = [_gpu_row(gpu, fleet) for gpu in sample.gpus]
        print_table((*head, "FOR"), rows)
    if sample.trees:
        click.echo()
        trees = sorted(sample.trees, key=lambda tree: -(tree.cpu or 0.0))
        print_table(
            ("OF", "CPU", "MEMORY", "PROCESSES"),
            [
                (
                    name_of(tree.owner, fleet),
                    _percent(tree.cpu),
                    _bytes(tree.memory),
                    f"{tree.processes}",
                )
                for tree in trees
            ],
        )
    for alarm in sample.alarms:
        problem(alarm.text)
    for sentence in sample.absent:
        click.echo(f"acc: {sentence}", err=True)


def name_of(owner: str, fleet: Fleet) -> str:
    agent = fleet.agents.get(owner)
    return agent.name if agent else owner


def _kept(desk: Desk) -> Sample | None:
    """The supervisor's newest, if it measures just now. Raises LogError."""
    from command_center.store.machine import MachineView

    view = MachineView(desk.places.machine)
    try:
        sample = view.poll()
    finally:
        view.close()
    return sample if sample and time.time() - sample.at < FRESH_SECONDS else None


def _measured(desk: Desk, fleet: Fleet) -> Sample:
    """Raises OSError."""
    from command_center.engine.machine import Machine

    here = Machine(desk.places, os.environ)
    try:
        here.look(fleet, time.time())
        time.sleep(LOOK_SECONDS)
        return here.look(fleet, time.time())
    finally:
        here.close()


def _fields(host: HostLoad) -> Iterator[tuple[str, str]]:
    used = host.memory_total - host.memory_available
    yield "cpu", f"{host.cpu:.0%} of {len(host.cpus)}"
    yield "memory", f"{_bytes(used)} of {_bytes(host.memory_total)}"
    if host.swap_total:
        yield "swap", f"{_bytes(host.swap_used)} of {_bytes(host.swap_total)}"
    if host.load:
        yield "load", " ".join(f"{load:.2f}" for load in host.load)
    pressure = host.pressure
    told = (("cpu", pressure.cpu), ("memory", pressure.memory), ("io", pressure.io))
    yield "pressure", ", ".join(f"{name} {share:.0%}" for name, share in told if share is not None)
    if host.steal:
        yield "steal", f"{host.steal:.1%}"
    for disk in host.disks:
        yield "disk", f"{_bytes(disk.free)} of {_bytes(disk.total)} free for {disk.place}"


def _gpu_row(gpu: GpuLoad, fleet: Fleet) -> tuple[str, ...]:
    memory = "" if gpu.memory_used is None else _bytes(gpu.memory_used)
    if gpu.memory_total is not None:
        memory += f" of {_bytes(gpu.memory_total)}"
    power = _of(gpu.watts, " W") + (f" of {gpu.watts_limit:.0f}" if gpu.watts_limit else "")
    users = dict.fromkeys((*gpu.runs, *(_user(one, fleet) for one in gpu.processes)))
    return (
        gpu.id,
        gpu.name,
        _of(gpu.use, "%"),
        memory,
        power,
        _of(gpu.celsius, " °C"),
        _of(gpu.clock, " MHz"),
        ", ".join(gpu.throttle),
        ", ".join(users),
    )


def _user(process: Process, fleet: Fleet) -> str:
    return name_of(process.owner, fleet) or f"{process.name or 'process'} {process.pid}"


def _of(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.0f}{unit}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _bytes(size: float) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{size / (1 << 20):.0f} MiB"
