"""Everything a key can do, in one table. Footer, help, palette and bindings all read it."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace
from textual.binding import Binding

from command_center.tui.chord import LEAVE_KEY_NAME
from command_center.tui.reasons import (
    WhyNot,
    always,
    no_agent,
    no_agents,
    no_broadcast,
    no_filter,
    no_grid,
    no_group,
    no_hidden,
    no_interrupt,
    no_jump,
    no_machine,
    no_others,
    no_prompt,
    no_question,
    no_removal,
    no_repos,
    no_resume,
    no_screen,
    no_stop,
    no_typing,
    no_undo,
    no_worktree,
)


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
    Action("filters", ("f",), "f", "", "Show only some: busy, waiting, a tag…", _V, no_agents),
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
