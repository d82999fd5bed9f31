"""Who gets which task and why, before it happens; and who hands them out."""

from functools import partial
from typing import TYPE_CHECKING

from rich.style import Style
from textual import on
from textual.app import ComposeResult

from command_center.domain.decisions import CONFIRM, held_up
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Task
from command_center.domain.text import one_line
from command_center.domain.workers import why_not_free, why_not_offered
from command_center.tui import theme
from command_center.tui.board_screen import Ways
from command_center.tui.cells import age, fitted
from command_center.tui.entry_list import INDENT, Entry, EntryList
from command_center.tui.figures import Part
from command_center.tui.following import Following, KeyDeed
from command_center.tui.lines import PartsLine
from command_center.tui.parts_list import PartsList
from command_center.tui.task_actions import AUTOMATIC, is_proposed
from command_center.tui.task_cards import Facts, Lane, Parts, lanes_of

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.task_deeds import TaskDeeds

MODES = {
    "manual": "nothing happens before you hand it out: a as shown, s to an agent you choose",
    CONFIRM: "what is shown here happens when you say yes",
    AUTOMATIC: "what is shown here happens by itself",
}
_WAYS = (
    ("a", "a", "accept"),
    ("A", "A", "accept all"),
    ("s", "s", "choose the agent"),
    ("m", "m", "mode"),
    ("enter", "enter", "details"),
    ("p", "p", "priority"),
)
_IDLE_MOST = 8
"""Lines."""


class DispatchScreen(Following):
    DEFAULT_CSS = """
    DispatchScreen {
        #dispatch-tasks { height: 1fr; min-height: 4; }
        #dispatch-agents { height: auto; max-height: 40%; }
        #dispatch-why { margin-bottom: 1; }
    }
    """

    def __init__(self, app: "CommandCenter", deeds: "TaskDeeds") -> None:
        super().__init__()
        self._center = app
        self._deeds = deeds
        self._list = EntryList(id="dispatch-tasks")
        self._wanted = ""
        """The mode that was asked for last, until the supervisor has taken it over."""
        self.keys = self._all_keys()

    def compose(self) -> ComposeResult:
        yield PartsLine(id="dispatch-head")
        yield PartsLine(id="dispatch-why")
        yield self._list
        yield PartsList(id="dispatch-agents")
        yield Ways(id="dispatch-ways")

    def on_mount(self) -> None:
        self.set_focus(self._list)
        self.take_fleet(self._center.fleet)

    def on_resize(self) -> None:
        self.call_after_refresh(self._redraw)

    def take_fleet(self, fleet: Fleet) -> None:
        if fleet.dispatch == self._wanted:
            self._wanted = ""
        self._redraw()

    # Keys

    def _all_keys(self) -> dict[str, KeyDeed]:
        move = self._list.action_move
        acts = {"enter": "details", "s": "assign", "p": "priority", "e": "edit", "x": "discard"}
        return {
            **dict.fromkeys(("j", "down"), partial(move, 1)),
            **dict.fromkeys(("k", "up"), partial(move, -1)),
            **dict.fromkeys(("g", "home"), partial(move, -10_000)),
            **dict.fromkeys(("G", "end"), partial(move, 10_000)),
            **{key: partial(self._perform, action) for key, action in acts.items()},
            "a": self._accept,
            "A": self._accept_all,
            "m": self._turn_mode,
            **{str(n): partial(self._set_mode, mode) for n, mode in enumerate(MODES, 1)},
            "d": partial(self._center.perform, "new_task"),
            **dict.fromkeys(("escape", "D", "q"), self.action_close),
        }

    def action_act(self, key: str) -> None:
        """As if the key had been pressed."""
        self.keys[key]()

    def action_close(self) -> None:
        self.dismiss(None)

    def _perform(self, action: str) -> "Worker[None] | None":
        return self._deeds.perform(action, self._list.selected)

    def _accept(self) -> "Worker[None] | None":
        task = self._center.fleet.tasks.get(self._list.selected)
        if task is not None and not is_proposed(task, self._center.fleet):
            self._center.crier.warn(self._why_not(task), seconds=3)
            return None
        return self._perform("approve")

    def _why_not(self, task: Task) -> str:
        if self._center.fleet.dispatch == AUTOMATIC:
            return "the dispatcher is automatic: there is nothing to confirm"
        return f"{task.id} has no agent yet: {one_line(task.reason, 120) or 's chooses one'}"

    def _accept_all(self) -> "Worker[None] | None":
        if self._is_refused():
            return None
        return self._center.run_worker(self._deeds.accept_all(), group="deeds")

    def _turn_mode(self) -> "Worker[None] | None":
        modes = list(MODES)
        now = self._wanted or self._center.fleet.dispatch
        return self._set_mode(modes[(modes.index(now) + 1) % len(modes)])

    def _set_mode(self, mode: str) -> "Worker[None] | None":
        if self._is_refused():
            return None
        self._wanted = mode
        self._redraw()
        return self._center.run_worker(self._deeds.set_mode(mode), group="deeds")

    def _is_refused(self) -> bool:
        if self._center.is_replay:
            self._center.crier.warn("a replay is read-only", seconds=3)
        return self._center.is_replay

    @on(EntryList.Opened)
    def _open(self) -> None:
        self._perform("details")

    # Showing

    def _redraw(self) -> None:
        if not self.is_attached:
            return
        app = self._center
        facts = Facts(app.fleet, app.deck.clock())
        queued = lanes_of(app.fleet)[Lane.QUEUED]
        self._list.put(_entries(queued, facts, self.size.width - 1))
        idle = _idle_lines(facts, self.size.width)
        self.query_one("#dispatch-agents", PartsList).put(idle)
        self.query_one("#dispatch-head", PartsLine).put(self._head(app.fleet))
        mode = self._wanted or app.fleet.dispatch
        self.query_one("#dispatch-why", PartsLine).put([(f" {MODES[mode]}", theme.QUIET)])
        self.query_one("#dispatch-ways", PartsLine).put(*_hints())

    def _head(self, fleet: Fleet) -> list[Part]:
        parts: list[Part] = [(" Dispatch", theme.BRAND)]
        for number, mode in enumerate(MODES, 1):
            click = Style(meta={"@click": f"screen.act('{number}')"})
            look = theme.PLAIN
            if mode == fleet.dispatch:
                look = Style(color="cyan", bold=True, underline=True)
            parts += [("   ", theme.PLAIN), (f"{number} {mode}", look + click)]
        if self._wanted:
            parts.append((f"   {self._wanted}…", theme.QUIET))
        return parts


def _entries(queued: list[Task], facts: Facts, width: int) -> list[Entry]:
    behind = held_up(facts.fleet.tasks)
    count = (f"  {len(queued)}", theme.QUIET)
    entries = [Entry("", (((" Queued, the next one first", theme.BRAND), count),))]
    entries += [
        Entry(task.id, _lines(task, facts, behind[task.id], width - INDENT)) for task in queued
    ]
    if not queued:
        entries.append(Entry("", ((("  no task is queued: d makes one", theme.QUIET),),)))
    return entries


def _lines(task: Task, facts: Facts, behind: int, width: int) -> tuple[Parts, ...]:
    brief = task.brief
    wishes = [*filter(None, (brief.niche, brief.spec)), *brief.touches[:2]]
    wishes += [f"priority {brief.priority}"] if brief.priority else []
    wishes += [f"{behind} behind it"] if behind else []
    said = one_line("  ".join(wishes), 60)
    title = fitted(one_line(brief.title, 300), max(8, width - 6 - len(said)))
    first: Parts = ((f"{task.id:<5}", theme.KEY), (title, theme.STRONG), (" " + said, theme.QUIET))
    return first, tuple((fitted(text, width), style) for text, style in [_placement(task, facts)])


def _placement(task: Task, facts: Facts) -> Part:
    """Such as `T7 → ada because it worked on src/x.py`."""
    reason = one_line(task.reason, 200)
    if task.is_held:
        return f"     held: {reason}", theme.UNSEEN
    if missing := unmet(task, facts.fleet.tasks):
        return f"     waits for {', '.join(missing)}", theme.QUIET
    if task.proposed:
        because = f" because {reason}" if reason else ""
        return f"     {task.id} → {facts.name(task.proposed)}{because}", theme.ADDED
    return f"     {reason or 'waits for an agent'}", theme.QUIET


def _idle_lines(facts: Facts, width: int) -> list[Parts]:
    fleet = facts.fleet
    idle = (agent for agent in fleet.agents.values() if agent.state is State.IDLE)
    free = sorted(idle, key=lambda agent: (_why_not(fleet, agent) != "", agent.since))
    lines: list[Parts] = [((" Idle agents", theme.BRAND), (f"  {len(free)}", theme.QUIET))]
    lines += [_idle_line(agent, facts, width) for agent in free[:_IDLE_MOST]]
    if len(free) > _IDLE_MOST:
        lines.append(((f"   and {len(free) - _IDLE_MOST} more", theme.QUIET),))
    return lines


def _idle_line(agent: Agent, facts: Facts, width: int) -> Parts:
    repo = facts.fleet.repos.get(agent.order.repo)
    ago = age(facts.now - agent.since) if agent.since else ""
    why = _why_not(facts.fleet, agent)
    where = one_line(repo.name if repo else agent.order.repo, 30)
    words = f"{agent.order.spec} in {where} · idle {ago}{f' · {why}' if why else ''}"
    return (
        ("   ○ ", theme.QUIET if why else theme.LOOKS[State.IDLE].style),
        (f"{fitted(one_line(agent.name, 40), 14)} ", theme.STRONG),
        (fitted(words, max(8, width - 22)), theme.QUIET),
    )


def _why_not(fleet: Fleet, agent: Agent) -> str:
    """Why the dispatcher gives it nothing, without its name."""
    why = why_not_free(fleet, agent) or why_not_offered(fleet, agent)
    return one_line(why.removeprefix(f"{agent.name} "), 80)


def _hints() -> tuple[list[Part], list[Part]]:
    left = list[Part]()
    for key, shown, label in _WAYS:
        click = Style(meta={"@click": f"screen.act('{key}')"})
        left += [(f" {shown} ", theme.KEY + click), (f"{label} ", click)]
    click = Style(meta={"@click": "screen.act('escape')"})
    return left, [(" esc ", theme.KEY + click), ("back ", click)]
