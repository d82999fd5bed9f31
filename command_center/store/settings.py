"""The user's own settings, and those a project brings along."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta, Struct, field

from command_center.domain.budgets import parse_cap
from command_center.domain.comebacks import KEPT_RESUMES
from command_center.domain.errors import SpecError
from command_center.domain.policy import Rule
from command_center.domain.scopes import MODEST, checked_scopes

if TYPE_CHECKING:
    from command_center.domain.alarms import Alarm
    from command_center.domain.niches import ModelSettings

T = TypeVar("T", bound=Struct)


class BudgetSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Amounts such as `5usd`, `200ktok` or `5usd,200ktok`; empty: no limit. See docs/usage.md."""

    day: str = ""
    fleet: str = ""
    agent: str = ""
    """For each agent without one of its own."""
    stop: bool = False
    """Interrupt turns under way when a budget is reached, instead of holding prompts only."""

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the file."""
        for amount in (self.day, self.fleet, self.agent):
            if amount:
                parse_cap(amount)


class LimitSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What happens when an agent reaches a limit of its plan."""

    resume: bool = False
    """Whether agents are launched so that they go on when the limit ends, unless said otherwise."""
    most: Annotated[int, Meta(ge=1, le=KEPT_RESUMES)] = 3
    """Resumes of one agent within a day."""
    pause: tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0, le=3600)]] = (5.0, 60.0)
    """Seconds after the end of the limit: at least, and at most."""


class Dispatch(Struct, frozen=True, forbid_unknown_fields=True):
    """How tasks are handed to agents."""

    specs: tuple[str, ...] = ()
    """What may be launched for tasks, best first; empty: what works on the repository already."""
    most_agents: Annotated[int, Meta(ge=0)] = 8
    """Agents that may run at once; no more are launched for tasks then."""
    most_of: dict[str, int] = {}
    """The same for single specs."""
    most_in: dict[str, int] = {}
    """The same for single repositories, by name."""
    least_free_gib: float = 2.0
    """Memory that has to stay available, in GiB, when another agent is launched."""
    agent_gib: Annotated[float, Meta(gt=0)] = 0.5
    """What an agent is expected to need."""
    mode: str = ""
    """Permission mode of the agents that are launched for tasks."""
    niches: dict[str, tuple[str, ...]] = {}
    """The specs of each kind of model, by the name that tasks give the kind."""


class RunSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What runs may use of this machine, and what it costs."""

    slots: Annotated[int, Meta(ge=0, le=4096)] = 0
    """CPU slots; 0: as many as the machine has CPUs."""
    gpus: tuple[str, ...] | None = None
    """Indices or UUIDs; unset: every GPU that is found."""
    share_gpus: bool = False
    """Whether runs that say how much GPU memory they need may have one GPU together."""
    executor: str = "local"
    """Where runs go that name none."""
    python: str = ""
    """Interpreter that has Optuna, for studies; empty: the one that runs us."""
    cpu_hour_usd: Annotated[float, Meta(ge=0)] = 0.0
    gpu_hour_usd: Annotated[float, Meta(ge=0)] = 0.0
    day_usd: Annotated[float, Meta(ge=0)] = 0.0
    """What runs may cost in a day, at those rates; 0: no limit."""


class Tools(Struct, frozen=True, forbid_unknown_fields=True):
    """What agents may do through our MCP server; see docs/mcp.md."""

    scopes: tuple[str, ...] = MODEST
    """Unless a launch says otherwise; empty: they get no tools."""

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the file."""
        checked_scopes(self.scopes)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """`config.toml` in the user's config folder. Every key is optional."""

    worktrees: str = ""
    """Root folder of all worktrees; empty: inside the data folder."""
    branch: str = "agents/{name}"
    """Branch template with {name}, {spec} and {slug} (of the prompt's first words)."""
    spec: str = ""
    """Spec to offer first; empty: the first installed one."""
    bell: bool = True
    """Ring the terminal when an agent starts waiting or finishes unseen."""
    ascii: bool = False
    """Paint with ASCII only, as where the locale knows no Unicode."""
    reduced_motion: bool = False
    """Nothing blinks, slides or spins."""
    policy: tuple[Rule, ...] = ()
    """What is allowed or denied without asking; see docs/policy.md."""
    budget: BudgetSettings = BudgetSettings()
    limits: LimitSettings = LimitSettings()
    dispatch: Dispatch = Dispatch()
    mcp: Tools = Tools()
    runs: RunSettings = RunSettings()
    executors: dict[str, dict[str, object]] = {}
    """By name; each has a `kind`, whose module reads the rest. See docs/cluster.md."""
    raw_alarms: tuple[dict[str, object], ...] = field(name="alarm", default=())
    """`[[alarm]]` as they stand there; see `alarms`."""
    raw_models: dict[str, object] = field(name="models", default_factory=dict)
    """`[models]` as it stands there; see `models`."""
    templates: dict[str, dict[str, object]] = {}
    """Of tasks, by name; `store/templates.py` reads each when it is wanted."""
    run_templates: dict[str, dict[str, object]] = field(name="run-templates", default_factory=dict)
    """Of runs, by name; `store/run_templates.py` reads each when it is wanted."""
    terminal: tuple[str, ...] = ()
    """Starts a terminal emulator; the word `{command}` stands for what is to run in it."""
    shell: tuple[str, ...] = ()
    """Run beside an agent, in its worktree; empty: the login shell."""
    editor: tuple[str, ...] = ()
    """Likewise; the word `{worktree}` stands for the folder. Empty: lazygit, $VISUAL or $EDITOR."""

    @property
    def alarms(self) -> "tuple[Alarm, ...]":
        """The user's own and changed ones; see docs/machine.md. Raises SpecError."""
        from command_center.domain.alarms import Alarm
        from command_center.domain.strict import decode_toml_table

        where = "config.toml: [[alarm]]"
        return tuple(decode_toml_table(table, Alarm, where) for table in self.raw_alarms)

    @property
    def models(self) -> "ModelSettings":
        """What we ask models ourselves; see docs/models.md. Raises SpecError."""
        # Read when it is wanted: the first paint can do without.
        from command_center.domain.niches import ModelSettings
        from command_center.domain.strict import decode_toml_table

        return decode_toml_table(self.raw_models, ModelSettings, "config.toml: [models]")

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the file."""
        if self.terminal and "{command}" not in self.terminal[1:]:
            raise ValueError(
                "`terminal` needs the word '{command}', as in ['xterm', '-e', '{command}']"
            )


class ProjectSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`.command-center/config.toml` of a repository. It holds commands, so it needs trust."""

    setup: str = ""
    """Command run in every new worktree before the agent starts; no shell is involved."""
    setup_timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 300.0
    branch: str = ""
    run_templates: dict[str, dict[str, object]] = field(name="run-templates", default_factory=dict)
    """As in the user's own settings."""

    def __post_init__(self) -> None:
        """Raises ValueError for an open quote in `setup`, which decoding reports with the file."""
        shlex.split(self.setup)

    @property
    def setup_argv(self) -> list[str]:
        return shlex.split(self.setup)


def read_settings(file: Path) -> Settings:
    """Raises SpecError; a missing file is all defaults."""
    return _read(file, Settings) if file.exists() else Settings()


def read_project_settings(file: Path) -> ProjectSettings:
    """Raises SpecError; a missing file is all defaults."""
    return _read(file, ProjectSettings) if file.exists() else ProjectSettings()


def _read(file: Path, kind: type[T]) -> T:
    # Not at the top: without such a file the dashboard starts without the modules behind it.
    from command_center.domain.strict import decode_toml_table, read_toml

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{file}: {error}") from error
    return decode_toml_table(read_toml(text, str(file)), kind, str(file))
