"""`acc run`: a command as an experiment, at a commit, in a lease of its own."""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.here import project_root
from command_center.cli.options import as_json, complete_agents
from command_center.cli.out import print_json, problem
from command_center.cli.run_reports import run_report
from command_center.cli.run_table import print_runs
from command_center.domain.errors import NotARepository, SupervisorUnreachable
from command_center.domain.model import Fleet
from command_center.domain.run_intents import QueueRuns
from command_center.domain.runs import Demand, Ration, RunLife, RunOrder
from command_center.domain.sweeps import axis_of, seeds_of, swept
from command_center.store.lock import supervisor_pid

T = TypeVar("T")
ANSWER_SECONDS = 60.0
RESPAWN_SECONDS = 20.0
"""In which a supervisor that fell comes back by itself."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


class Asked(TypedDict):
    """Options that say what a single run is."""

    base: str
    after: str
    tell: str
    name: str
    cpus: int
    gpus: int
    gpu_memory: float
    memory: float
    wall: float
    cpu_time: float
    gpu_time: float
    steps: int
    env: tuple[str, ...]
    metric: str
    higher_is_better: bool
    retries: int
    priority: int
    tags: tuple[str, ...]
    executor: str


class Duration(click.ParamType[float]):
    """Seconds from `90`, `36s`, `10m` or `1.5h`."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = _TIME.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"'{value}' is no time; write 36s, 10m or 1.5h", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


@click.command()
@click.argument("command", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED)
@click.option("--repo", type=click.Path(path_type=Path), default=".", help="Where its code is.")
@click.option("--base", default="HEAD", show_default=True, help="The commit to run at.")
@click.option("--in-place", is_flag=True, help="Run in the folder as it is, without a checkout.")
@click.option(
    "--after",
    default="",
    metavar="AGENT",
    shell_complete=complete_agents,
    help="Wait for its next commit, run at it.",
)
@click.option(
    "--tell",
    default="",
    metavar="AGENT",
    shell_complete=complete_agents,
    help="Whom to prompt with the result.",
)
@click.option("--name", default="", help="What to call it.")
@click.option("--cpus", type=click.IntRange(1, 4096), default=1, help="CPU slots, and threads.")
@click.option("--gpus", type=click.IntRange(0, 64), default=0, help="GPUs.")
@click.option("--gpu-memory", type=click.FloatRange(0), default=0.0, metavar="GIB", help="On each.")
@click.option("--memory", type=click.FloatRange(0), default=0.0, metavar="GIB", help="Its limit.")
@click.option("--wall", type=Duration(), default=0.0, help="End it after so long.")
@click.option("--cpu-time", type=Duration(), default=0.0, help="The same in CPU seconds.")
@click.option("--gpu-time", type=Duration(), default=0.0, help="The same in seconds times GPUs.")
@click.option("--steps", type=click.IntRange(0), default=0, help="End it at this `step`.")
@click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@click.option("--metric", default="", metavar="NAME", help="The figure that counts.")
@click.option("--higher-is-better", is_flag=True, help="Of that figure; else lower is.")
@click.option("--seeds", default="", metavar="0..3", help="One run for each; ${seed}, $SEED.")
@click.option("--grid", multiple=True, metavar="NAME=A,B", help="Every combination of values.")
@click.option("--sample", type=click.IntRange(1), default=None, help="Only so many, at random.")
@click.option("--sample-seed", type=int, default=0, help="Which ones.")
@click.option("--retries", type=click.IntRange(0, 10), default=0, help="After crash or loss.")
@click.option("--priority", type=int, default=0, help="Higher ones go first.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; may be given again.")
@click.option("--on", "--executor", "executor", default="", help="Where; local unless configured.")
@click.option("--wait", is_flag=True, help="Wait for the end; exit code 1 unless all went well.")
@as_json
def run(
    command: tuple[str, ...],
    repo: Path,
    in_place: bool,
    seeds: str,
    grid: tuple[str, ...],
    sample: int | None,
    sample_seed: int,
    wait: bool,
    as_json: bool,
    **asked: Unpack[Asked],
) -> None:
    """Queue a command as a run, or many of them.

    It runs at a commit, in a checkout of its own, when it gets its devices. What it prints as
    `key: value` becomes its curves.
    """
    if not command:
        raise click.UsageError("give a command, as in `acc run -- python train.py`")
    place, folder = _place(repo, in_place)
    axes = dict(_read(lambda: [axis_of(text) for text in grid], "--grid"))
    chosen = _read(lambda: seeds_of(seeds), "--seeds") if seeds else ()
    orders = swept(
        _order(command, folder, asked),
        axes,
        chosen,
        most=sample or 0,
        draw=sample_seed,
        sweep=secrets.token_hex(3),
    )
    if place and asked["base"] == "HEAD" and not asked["after"]:
        _say_what_is_left_out(Path(place))
    with Desk() as desk:
        ids = queue(desk, orders, place)
        if wait:
            _wait(desk, ids)
        fleet = desk.fleet
        runs = [fleet.runs[identity] for identity in ids]
        if as_json:
            for each in runs:
                print_json(run_report(each, fleet, desk.places))
        else:
            print_runs(runs)
    if wait and any(each.life is not RunLife.DONE for each in runs):
        click.get_current_context().exit(REFUSED)


def _order(command: tuple[str, ...], folder: str, asked: Asked) -> RunOrder:
    return RunOrder(
        command=command,
        base=asked["base"],
        folder=folder,
        name=asked["name"],
        env=dict(_read(lambda: [_variable(word) for word in asked["env"]], "--env")),
        demand=Demand(asked["cpus"], asked["gpus"], asked["gpu_memory"], asked["memory"]),
        ration=Ration(asked["wall"], asked["cpu_time"], asked["gpu_time"], asked["steps"]),
        metric=asked["metric"],
        is_higher_better=asked["higher_is_better"],
        retries=asked["retries"],
        priority=asked["priority"],
        agent=asked["tell"],
        after=asked["after"],
        executor=asked["executor"],
        tags=asked["tags"],
    )


def queue(desk: Desk, orders: Sequence[RunOrder], place: str) -> list[str]:
    """The ids of the queued runs; leaves with exit code 1 when they were refused."""
    [asked] = desk.ask([QueueRuns(tuple(orders), place)])
    [answer] = desk.answers([asked], ANSWER_SECONDS)
    if answer.is_refused:
        problem(f"run refused: {answer.text}")
        click.get_current_context().exit(REFUSED)
    return answer.text.split()


def _wait(desk: Desk, ids: Sequence[str]) -> None:
    """Until all of them are over; raises SupervisorUnreachable when nobody sees to them."""
    seen_at = time.monotonic()
    while not _are_over(desk.fleet, ids):
        now = time.monotonic()
        seen_at = now if supervisor_pid(desk.places.lock) else seen_at
        if now - seen_at > RESPAWN_SECONDS:
            raise SupervisorUnreachable(
                f"the supervisor is gone; `acc supervise` goes on with {' '.join(ids)}"
            )
        time.sleep(0.1)


def _say_what_is_left_out(folder: Path) -> None:
    """Raises GitError."""
    import asyncio

    from command_center.drivers.branches import changes

    if left := asyncio.run(changes(folder)):
        problem(f"{len(left)} uncommitted paths are not part of it; commit them, or --in-place")


def _are_over(fleet: Fleet, ids: Sequence[str]) -> bool:
    return all(fleet.runs[identity].life.is_over for identity in ids)


def _place(repo: Path, in_place: bool) -> tuple[str, str]:
    """The repository, and the folder to run in: the same one inside the checkout."""
    here = repo.resolve()
    if in_place:
        return "", str(here)
    root = project_root(here)
    if root is None:
        raise NotARepository(f"{here}: not in a git repository; --in-place runs it there as it is")
    inside = here.relative_to(root)
    return str(root), "" if inside == Path() else str(inside)


def _variable(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise ValueError(f"'{word}' is not NAME=VALUE")
    return name, value


def _read(reading: Callable[[], T], option: str) -> T:
    try:
        return reading()
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None
