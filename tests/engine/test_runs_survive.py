"""What a supervisor that was killed had decided."""

import asyncio

from command_center.domain import run_events as rev
from command_center.domain.model import Fleet
from command_center.domain.runs import Devices, RunLife, RunOrder
from command_center.drivers.executors import Job
from command_center.drivers.executors.local import LocalExecutor
from command_center.store.log import EventLog
from tests.center import Center


def over(fleet: Fleet) -> int:
    return sum(run.life.is_over for run in fleet.runs.values())


async def test_what_was_decided_before_a_crash_is_carried_out_after_it(center: Center) -> None:
    log = EventLog(center.places.log)
    for name, seconds in (("R1", "0"), ("R2", "60"), ("R3", "0")):
        order = RunOrder(("sleep", seconds), folder=str(center.repo))
        queued = rev.RunQueued(name, order, "test")
        log.append(queued, rev.LeaseGranted(name, Devices(), 1), at=1.0)
    # R2 was being cancelled, and R3's command had been started, but nobody had said so yet.
    log.append(rev.RunEndIntended("R2", RunLife.CANCELLED, "being cancelled"), at=2.0)
    log.close()
    folder = center.places.run("R3", 1)
    job = Job("R3.1", ("sh", "-c", f"echo x >> '{folder}/ran'"), str(folder), place=str(folder))
    folder.mkdir(parents=True)
    await LocalExecutor().submit(job)
    supervisor = center.start_supervisor()
    fleet = await center.until(lambda f: over(f) == 3)
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)
    lives = [run.life for run in fleet.runs.values()]
    assert lives == [RunLife.DONE, RunLife.CANCELLED, RunLife.DONE]
    assert (folder / "ran").read_text() == "x\n"
    assert all(run.attempt == 1 for run in fleet.runs.values())
