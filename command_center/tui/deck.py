"""Everything the dashboard stands on, composed by the command line."""

import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from command_center.domain.errors import GitError, ModelError
from command_center.domain.layouts import FLEET, Layout
from command_center.domain.model import Agent, Fleet
from command_center.domain.places import Places
from command_center.store.inbox import Inbox
from command_center.store.settings import Settings
from command_center.store.view import View

if TYPE_CHECKING:
    # Reading specs takes modules that the first paint can do without.
    from command_center.domain.plans import Proposal
    from command_center.domain.runs import Run
    from command_center.drivers.glass import Glass
    from command_center.store.catalog import Catalog
    from command_center.store.gauges import GaugeView
    from command_center.store.machine import MachineView
    from command_center.store.replay import ReplayView
    from command_center.tui.usage_report import Report, Share


async def _no_plan(*_: object) -> "Proposal":
    raise ModelError("there is nobody here to plan it")


async def _no_diff(*_: object) -> str:
    raise GitError("there is no git here")


async def _no_branches(_: Path) -> list[str]:
    return []


async def _nothing_left_out(_: Path) -> int:
    return 0


class Deck(Struct, frozen=True):
    places: Places
    view: "View | ReplayView"
    inbox: Inbox | None
    """Where our intents go; None in a replay, which asks for nothing."""
    glass: "Glass | None"
    """None: nothing to look through, so panes stay dark and cannot be typed into."""
    catalog: "Callable[[Path | None], Catalog]"
    """Reads files; called in a thread. The argument is a repository's root."""
    repo_root: Path | None
    """Repository of the current folder; None outside of one."""
    start_supervisor: Callable[[], Awaitable[None]]
    """Returns when one runs. Raises CommandCenterError, OSError."""
    attach_command: Callable[[Agent], list[str]]
    """What shows an agent's pane in any other terminal."""
    settings: Settings
    layout: Layout = FLEET
    """What is shown first."""
    is_ascii: bool = False
    """Whether the terminal can show nothing else."""
    theme: str = ""
    """Name of a theme; empty: the terminal's own colours."""
    own_command: Callable[[], str] = lambda: "acc"
    """What calls us in a shell. Searches PATH; called in a thread."""
    gauges: "Callable[[], GaugeView | None]" = lambda: None
    """Opens what the agents' present figures are read from; the dashboard closes it."""
    machine: "Callable[[], MachineView | None]" = lambda: None
    """Opens what the loads of the machine are read from; who opens it closes it."""
    spent_today: Callable[[Fleet], str] = lambda _: ""
    """A few plain words, empty for nothing. Reads files; called in a thread. Raises LogError."""
    columns: tuple[str, ...] = ()
    """Of the list, in order, as they were last chosen; empty for the default."""
    usage: "Callable[[Fleet, int], Report | None]" = lambda *_: None
    """What was spent in so many days, today included; None where nothing tells. Reads files; called
    in a thread. Raises LogError."""
    task_costs: "Callable[[Fleet], Mapping[str, Share]]" = lambda _: {}
    """What each task has cost, by its id. Reads files; called in a thread. Raises LogError."""
    code_diff: "Callable[[Fleet, Run, Run], Awaitable[str]]" = _no_diff
    """What git says that tells the code of two runs apart, plain. Raises CommandCenterError,
    OSError."""
    branches: Callable[[Path], Awaitable[list[str]]] = _no_branches
    """Of the repository that a folder is in, the newest first. Raises GitError."""
    left_out: Callable[[Path], Awaitable[int]] = _nothing_left_out
    """How many paths of a checkout no commit holds. Raises CommandCenterError, OSError."""
    plan: "Callable[[str, Path, str], Awaitable[Proposal]]" = _no_plan
    """For a goal, in a repository, by a niche (empty: the usual). Raises CommandCenterError,
    OSError; cancelled, nothing of it goes on."""
    clock: Callable[[], float] = time.time
    """Unix seconds."""
