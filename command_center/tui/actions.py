"""Everything a key can do, in one table. Footer, help, palette and bindings all read it."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace
from textual.binding import Binding

from command_center.domain.decisions import undecided_count
from command_center.domain.layouts import Part
from command_center.domain.model import Agent, Fleet, Phase, State
from command_center.tui.chord import LEAVE_KEY_NAME
from command_center.tui.sieve import ALL, Sieve, needs_user

if TYPE_CHECKING:
    from command_center.domain.specs import AgentSpec


class Now(Struct, frozen=True):
    """What decides whether an action applies."""

    fleet: Fleet
    agent: Agent | None
    """The selected one."""
    sieve: Sieve = ALL
    has_glass: bool = True
    specs: "Mapping[str, AgentSpec]" = field(default_factory=dict)
    parts: frozenset[Part] = frozenset(Part)
    """What is on the screen."""
    group: str = ""
    """Key of the group that the cursor is in."""
    is_replay: bool = False


WhyNot = Callable[[Now], str | None]
"""The reason why an action does not apply; None when it does."""


class Section(StrEnum):
    AGENT = "Agent"
    FLEET = "Fleet"
    TASKS = "Tasks"
    VIEW = "View"
    PROGRAM = "Program"


class Action(Struct, frozen=True):
    id: str
    keys: tuple[str, ...]
    """As Textual names them."""
    shown: str
    """The keys as written for people."""
    label: str
    """One or two words for the footer; empty keeps it out of there."""
    help: str
    section: Section
    why_not: WhyNot

    @property
    def bindings(self) -> list[Binding]:
        said = self.label or self.help
        return [Binding(key, f"act('{self.id}', '{key}')", said, show=False) for key in self.keys]


def always(_: Now) -> None:
    return None


def no_agent(now: Now) -> str | None:
    if now.agent is not None:
        return None
    return "no agent is selected" if now.fleet.agents else "there are no agents yet: n launches one"


def no_screen(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if not now.agent.pane or not now.agent.has_process:
        return _not_running(now.agent)
    return None


def no_worktree(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.is_being_removed:
        return f"{now.agent.name} is being removed"
    return None if now.agent.base_commit else f"{now.agent.name} has no worktree yet"


def no_typing(now: Now) -> str | None:
    if now.agent is None and now.group:
        # It opens the folded group that the cursor is on.
        return None
    return no_screen(now) or (None if now.has_glass else "tmux cannot be reached from here")


def no_prompt(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    spec = now.specs.get(now.agent.order.spec)
    if spec is not None and not spec.prompt.takes_prompts:
        return f"{spec.name} takes no prompts; enter types into it"
    if now.agent.phase is Phase.LAUNCHING:
        return None
    return None if now.agent.has_process else _not_running(now.agent)


def no_question(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.asks is None:
        return f"{now.agent.name} asks nothing"
    return f"{now.agent.name} was answered just now" if now.agent.asks.answer else None


def no_interrupt(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.has_process and now.agent.state is State.IDLE:
        return f"{now.agent.name} is idle: there is no turn to interrupt"
    return None if now.agent.has_process else _not_running(now.agent)


def no_stop(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.phase is Phase.STOPPING:
        return f"{now.agent.name} is already stopping"
    if now.agent.phase in (Phase.LAUNCHING, Phase.LIVE):
        return None
    return _not_running(now.agent)


def no_resume(now: Now) -> str | None:
    agent = now.agent
    if agent is None:
        return no_agent(now)
    if agent.is_being_removed:
        return f"{agent.name} is being removed"
    if not agent.is_resumable:
        return f"{agent.name} is running"
    return None


def no_removal(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.is_being_removed:
        return f"{now.agent.name} is already being removed"
    if now.agent.phase is Phase.LAUNCHING:
        return f"{now.agent.name} is still starting"
    return None


def no_undo(now: Now) -> str | None:
    at_rest = any(not removal.intent for removal in now.fleet.removals.values())
    return None if at_rest else "nothing was removed"


def no_jump(now: Now) -> str | None:
    if any(map(needs_user, now.fleet.agents.values())) or undecided_count(now.fleet):
        return None
    return "nobody needs you"


def no_broadcast(now: Now) -> str | None:
    if not now.fleet.agents:
        return no_agent(now)
    is_there = any(agent.has_process for agent in now.fleet.agents.values())
    return None if is_there else "no agent is running: r resumes one"


def no_hidden(now: Now) -> str | None:
    some = any(agent.is_hidden for agent in now.fleet.agents.values())
    return None if some else "no agent is hidden: space hides one"


def no_others(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    others = (a for a in now.fleet.agents.values() if a.id != now.agent.id)
    return None if any(not a.is_hidden for a in others) else "no other agent is shown"


def no_group(now: Now) -> str | None:
    if now.group or not now.fleet.agents:
        return None if now.group else no_agent(now)
    return "the list is not grouped here: = groups it"


def no_repos(now: Now) -> str | None:
    if len({agent.order.repo for agent in now.fleet.agents.values()}) > 1 or now.sieve.repo:
        return None
    return "all agents work on one repository"


def no_filter(now: Now) -> str | None:
    if not now.fleet.agents:
        return no_agent(now)
    # It is typed below the list.
    return None if Part.LIST in now.parts else "no list here: v shows the next layout"


def no_grid(now: Now) -> str | None:
    return None if Part.WALL in now.parts else "no grid here: v shows the next layout"


def no_agents(now: Now) -> str | None:
    return None if now.fleet.agents or now.fleet.runs else no_agent(now)


def no_machine(now: Now) -> str | None:
    return "a replay tells nothing of the machine" if now.is_replay else None


def _not_running(agent: Agent) -> str:
    if agent.phase is Phase.LAUNCHING:
        return f"{agent.name} is still starting"
    if agent.is_being_removed:
        return f"{agent.name} is being removed"
    return f"{agent.name} is {agent.phase}: r resumes it"


_A, _F, _T = Section.AGENT, Section.FLEET, Section.TASKS
_V, _P = Section.VIEW, Section.PROGRAM

_ROWS = (
    Action("launch", ("n",), "n", "new", "Launch agents", _F, always),
    Action(
        "type", ("enter",), "enter", "type", f"Type into it; {LEAVE_KEY_NAME} leaves", _A, no_typing
    ),
    Action("prompt", ("p",), "p", "prompt", "Send a prompt", _A, no_prompt),
    Action("answer", ("y",), "y", "answer", "Show what it asks, and answer", _A, no_question),
    Action("answer_all", ("Y",), "Y", "", "Answer all who ask the like", _F, no_question),
    Action("jump", ("a",), "a", "next", "Go to the next that needs me", _F, no_jump),
    Action("open", ("o",), "o", "open", "Pop it open beside; again: close", _A, no_screen),
    Action("window", ("O",), "O", "", "Pop it open in a window; again: close", _A, no_screen),
    Action("shell", ("t",), "t", "", "A shell in its worktree", _A, no_worktree),
    Action("editor", ("e",), "e", "", "lazygit or $EDITOR in its worktree", _A, no_worktree),
    Action("zoom", ("z",), "z", "zoom", "Give the pane all the room", _V, no_agent),
    Action("filter", ("slash",), "/", "filter", "Filter by any text", _V, no_filter),
    Action("filters", ("f",), "f", "", "Show only some: busy, needing me, a tag…", _V, no_agents),
    Action("layout", ("v",), "v", "layout", "Next layout", _V, always),
    Action("layouts", ("V",), "V", "", "Choose a layout, or save this one", _V, always),
    Action("stop", ("s",), "s", "stop", "Stop it; its conversation stays", _A, no_stop),
    Action("resume", ("r",), "r", "resume", "Resume its conversation", _A, no_resume),
    Action("remove", ("x",), "x", "remove", "Remove it; no work is lost", _A, no_removal),
    Action("undo", ("U",), "U", "undo", "Bring back the last removed", _F, no_undo),
    Action("interrupt", ("i",), "i", "interrupt", "Interrupt its turn", _A, no_interrupt),
    Action("explain", ("w",), "w", "why", "Why it is in its state, source by source", _A, no_agent),
    Action("hide", ("space",), "space", "hide", "Hide it, or show it again", _V, no_agent),
    Action("hide_others", ("H",), "H", "", "Hide all others; they go on", _V, no_others),
    Action("show_all", ("u",), "u", "", "Show all hidden again", _V, no_hidden),
    Action("hidden", ("full_stop",), ".", "", "List the hidden, or not", _V, no_hidden),
    Action(
        "group", ("equals_sign",), "=", "", "Group by the next: none, repo, task…", _V, no_agents
    ),
    Action("fold", ("minus",), "-", "", "Fold its group, or open it", _V, no_group),
    Action("columns", ("C",), "C", "", "Choose the columns of the list", _V, always),
    Action("next_repo", ("right_square_bracket",), "]", "", "Next repository", _V, no_repos),
    Action("last_repo", ("left_square_bracket",), "[", "", "Previous repository", _V, no_repos),
    Action("clear", ("escape",), "esc", "", "Clear the filter, leave the zoom", _V, always),
    Action("down", ("j", "down"), "j ↓", "", "Next agent", _F, no_agents),
    Action("up", ("k", "up"), "k ↑", "", "Previous agent", _F, no_agents),
    Action("left", ("h", "left"), "h ←", "", "One cell to the left", _F, no_grid),
    Action("right", ("l", "right"), "l →", "", "One cell to the right", _F, no_grid),
    Action("cell", tuple("123456789"), "1-9", "", "Jump to this cell", _F, no_grid),
    Action("first", ("g", "home"), "g", "", "First agent", _F, no_agents),
    Action("last", ("G", "end"), "G", "", "Last agent", _F, no_agents),
    Action("page_down", ("pagedown",), "pgdn", "", "A page down", _F, no_agents),
    Action("page_up", ("pageup",), "pgup", "", "A page up", _F, no_agents),
    Action("new_task", ("d",), "d", "task", "Make a task", _T, always),
    Action("plan", ("P",), "P", "", "Plan tasks for a goal", _T, always),
    Action("board", ("b",), "b", "board", "The task board", _T, always),
    Action("inbox", ("I",), "I", "", "What tasks brought, and what waits for me", _T, always),
    Action("dispatch", ("D",), "D", "", "Who gets which task, and why", _T, always),
    Action("broadcast", ("B",), "B", "", "One prompt to several agents", _F, no_broadcast),
    Action("timeline", ("T",), "T", "", "When everyone did what", _P, always),
    Action("new_run", ("N",), "N", "", "Start runs: template, base, seeds, devices", _T, always),
    Action("runs", ("X",), "X", "", "Experiments: curves, comparison, logs", _P, always),
    Action("usage", ("dollar_sign",), "$", "", "What was spent, and when", _P, always),
    Action("machine", ("M",), "M", "", "CPU, memory and GPUs, and who uses them", _P, no_machine),
    Action("vitals", ("m",), "m", "", "Show what the machine and we ourselves use", _P, always),
    Action("palette", ("colon",), ":", "commands", "Command palette", _P, always),
    Action("help", ("question_mark",), "?", "help", "All keys", _P, always),
    Action("quit", ("q", "ctrl+c"), "q", "quit", "Leave; the agents go on", _P, always),
)

_LIVE = frozenset(
    {
        "launch",
        "new_task",
        "new_run",
        "plan",
        "broadcast",
        "type",
        "prompt",
        "answer",
        "answer_all",
        "open",
        "window",
        "shell",
        "editor",
    }
    | {"stop", "resume", "remove", "undo", "interrupt", "hide", "hide_others", "show_all"}
)
"""They reach agents, or what belongs to them."""


def _live_only(why_not: WhyNot) -> WhyNot:
    return lambda now: "a replay is read-only" if now.is_replay else why_not(now)


ACTIONS = tuple(
    replace(row, why_not=_live_only(row.why_not)) if row.id in _LIVE else row for row in _ROWS
)
BY_ID = {action.id: action for action in ACTIONS}
ACTION_OF_KEY = {key: action.id for action in ACTIONS for key in action.keys}
