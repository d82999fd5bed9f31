"""The options that say what runs are, and the orders that they make, over a template's or not."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem
from msgspec.structs import replace

from command_center.cli.here import own_places, project_root
from command_center.cli.options import complete_agents
from command_center.cli.run_names import complete_runs, pick_run
from command_center.domain.errors import CommandCenterError
from command_center.domain.model import Fleet
from command_center.domain.run_templates import RunTemplate, seconds_of
from command_center.domain.runs import RunOrder
from command_center.domain.sweeps import axis_of, seeds_of, swept
from command_center.store.run_templates import load_run_templates

F = TypeVar("F", bound=Callable[..., object])
T = TypeVar("T")


class Asked(TypedDict):
    """What the options say; which of them were given stands in click's context."""

    template: str
    base: str
    after: str
    tell: str
    against: str
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
    files: tuple[str, ...]
    metric: str
    higher_is_better: bool
    seeds: str
    grid: tuple[str, ...]
    sample: int | None
    sample_seed: int
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
        try:
            return seconds_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def complete_run_templates(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    del ctx, param
    try:
        found = load_run_templates(own_places(), project_root(Path.cwd())).by_name
    except CommandCenterError:
        return []
    return [CompletionItem(n, help=t.about) for n, t in found.items() if n.startswith(incomplete)]


_OPTIONS = (
    click.option(
        "--template",
        default="",
        metavar="NAME",
        shell_complete=complete_run_templates,
        help="What it is made from; see `acc run templates`.",
    ),
    click.option("--base", default="HEAD", show_default=True, help="The commit to run at."),
    click.option(
        "--after",
        default="",
        metavar="AGENT",
        shell_complete=complete_agents,
        help="Wait for the end of its turn, run at the commit it then has.",
    ),
    click.option(
        "--tell",
        default="",
        metavar="AGENT",
        shell_complete=complete_agents,
        help="Whom to prompt with the result.",
    ),
    click.option(
        "--against",
        default="",
        metavar="RUN",
        shell_complete=complete_runs,
        help="Tell it against this run; else against the best before it.",
    ),
    click.option("--name", default="", help="What to call it."),
    click.option("--cpus", type=click.IntRange(1, 4096), default=1, help="CPU slots, and threads."),
    click.option("--gpus", type=click.IntRange(0, 64), default=0, help="GPUs."),
    click.option(
        "--gpu-memory", type=click.FloatRange(0), default=0.0, metavar="GIB", help="On each."
    ),
    click.option(
        "--memory", type=click.FloatRange(0), default=0.0, metavar="GIB", help="Its limit."
    ),
    click.option("--wall", type=Duration(), default=0.0, help="End it after so long."),
    click.option("--cpu-time", type=Duration(), default=0.0, help="The same in CPU seconds."),
    click.option(
        "--gpu-time", type=Duration(), default=0.0, help="The same in seconds times GPUs."
    ),
    click.option("--steps", type=click.IntRange(0), default=0, help="End it at this `step`."),
    click.option("--env", "env", multiple=True, metavar="NAME=VALUE", help="Set a variable."),
    click.option(
        "--bring", "files", multiple=True, metavar="PATH", help="Of what no commit holds."
    ),
    click.option("--metric", default="", metavar="NAME", help="The figure that counts."),
    click.option("--higher-is-better", is_flag=True, help="Of that figure; else lower is."),
    click.option("--seeds", default="", metavar="0..3", help="One run for each; ${seed}, $SEED."),
    click.option("--grid", multiple=True, metavar="NAME=A,B", help="Every combination of values."),
    click.option("--sample", type=click.IntRange(1), default=None, help="Only so many, at random."),
    click.option("--sample-seed", type=int, default=0, help="Which ones."),
    click.option("--retries", type=click.IntRange(0, 10), default=0, help="After crash or loss."),
    click.option("--priority", type=int, default=0, help="Higher ones go first."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be given again."),
    click.option(
        "--on", "--executor", "executor", default="", help="Where; local unless configured."
    ),
)
_PLAIN = {
    "name": "name",
    "metric": "metric",
    "higher_is_better": "is_higher_better",
    "retries": "retries",
    "priority": "priority",
    "tags": "tags",
    "executor": "executor",
}
"""Options that are fields of an order, by the field's name."""
_DEMAND = {"cpus": "cpus", "gpus": "gpus", "gpu_memory": "gpu_gib", "memory": "memory_gib"}
_RATION = {"wall": "wall_s", "cpu_time": "cpu_s", "gpu_time": "gpu_s", "steps": "steps"}


def run_options(command: F) -> F:
    """All that can be said of a run but where its code is."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def orders_of(
    command: tuple[str, ...],
    asked: Asked,
    template: RunTemplate | None,
    folder: str = "",
    task: str = "",
) -> list[RunOrder]:
    """One for each run; what is asked for goes over the template. Raises UsageError."""
    below = template.order(asked["template"]) if template else RunOrder((), executor="")
    order = replace(
        below,
        command=command or below.command,
        folder=below.folder or folder,
        base=asked["base"],
        after=asked["after"],
        agent=asked["tell"],
        against=asked["against"],
        task=task,
        env=below.env | dict(_read(lambda: [_variable(word) for word in asked["env"]], "--env")),
        files=(*below.files, *asked["files"]),
        demand=replace(below.demand, **_given(asked, _DEMAND)),
        ration=replace(below.ration, **_given(asked, _RATION)),
        **_given(asked, _PLAIN),
    )
    axes = dict(axis_of(text) for text in template.axes) if template else {}
    axes |= dict(_read(lambda: [axis_of(text) for text in asked["grid"]], "--grid"))
    said = asked["seeds"] if _is_given("seeds") or template is None else template.seeds
    seeds: Sequence[int] = _read(lambda: seeds_of(said), "--seeds") if said else ()
    most, draw = asked["sample"] or 0, asked["sample_seed"]
    return swept(order, axes, seeds, most=most, draw=draw, sweep=secrets.token_hex(3))


def named(fleet: Fleet, orders: Sequence[RunOrder]) -> list[RunOrder]:
    """With the run that they are told against by its id. Raises NotFound."""
    return [
        replace(order, against=pick_run(fleet, order.against).id) if order.against else order
        for order in orders
    ]


def template_of(name: str, project: Path | None) -> RunTemplate | None:
    """None without a name. Raises NotFound, SpecError."""
    return load_run_templates(own_places(), project).template(name) if name else None


def _given(asked: Asked, fields: dict[str, str]) -> dict[str, object]:
    """By the field, what was not left to its default."""
    return {field: asked[option] for option, field in fields.items() if _is_given(option)}  # type: ignore[literal-required]


def _is_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is not ParameterSource.DEFAULT


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
