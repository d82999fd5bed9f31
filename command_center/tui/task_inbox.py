"""The inbox of results: what waits for a decision, by how much it holds up, then what is over."""

from command_center.domain.decisions import held_up, undecided
from command_center.tui import theme
from command_center.tui.entry_list import INDENT, Entry
from command_center.tui.figures import Part
from command_center.tui.task_cards import Facts
from command_center.tui.task_details import entry_lines

OVER_MOST = 100


def inbox_entries(facts: Facts, width: int) -> list[Entry]:
    fleet, room = facts.fleet, max(20, width - INDENT)
    behind = held_up(fleet.tasks)
    waiting = undecided(fleet)
    over = sorted((t for t in fleet.tasks.values() if t.life.is_over), key=lambda t: -t.ended_at)
    entries = [_heading("Waits for your decision", len(waiting))]
    entries += [Entry(t.id, entry_lines(t, facts, behind[t.id], room)) for t in waiting]
    if not waiting:
        entries.append(Entry("", ((("  nothing waits for you", theme.QUIET),),)))
    if over:
        entries += [Entry("", ((),)), _heading("Over", len(over))]
        entries += [Entry(t.id, entry_lines(t, facts, 0, room)) for t in over[:OVER_MOST]]
    return entries


def _heading(words: str, count: int) -> Entry:
    parts: tuple[Part, ...] = ((f" {words}", theme.BRAND), (f"  {count}", theme.QUIET))
    return Entry("", (parts,))
