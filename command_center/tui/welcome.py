"""What stands in the pane's place while there is nobody to look at."""

from textwrap import wrap

from msgspec.structs import replace
from textual.content import Content
from textual.widgets import Static

from command_center.domain.text import one_line
from command_center.tui.kit import Kit
from command_center.tui.rows import GroupRow, RunsRow
from command_center.tui.sieve import Sieve

_WIDTH = 62
"""Columns of names on one line, as 80 leave."""


class Welcome(Static):
    def show(
        self,
        kit: Kit,
        has_agents: bool,
        sieve: Sieve,
        is_in_repo: bool,
        group: GroupRow | RunsRow | None = None,
    ) -> None:
        """`group` is the folded one that the cursor is on."""
        text = _no_match(sieve) if has_agents else _first_steps(kit, is_in_repo)
        if group is not None:
            text = _folded(group)
        if text != self.content:
            self.update(text)


def _folded(group: GroupRow | RunsRow) -> Content:
    if isinstance(group, RunsRow):
        agents = "1 run is" if group.runs == 1 else f"{group.runs} runs are"
    else:
        agents = "1 agent is" if group.agents == 1 else f"{group.agents} agents are"
    said = f"{one_line(group.name, 60)}: {agents} folded away."
    return Content.assemble((said, "bold"), "\n\n", ("enter", "$primary"), "  opens the group")


def _no_match(sieve: Sieve) -> Content:
    if sieve.is_filtering:
        said = "No agent passes the filters."
        if sieve == replace(sieve.cleared, needle=sieve.needle):
            said = f"No agent matches “{one_line(sieve.needle, 60)}”."
        return Content.assemble((said, "bold"), "\n\n", ("esc", "$primary"), "  clears the filter")
    return Content.assemble(
        ("All agents are hidden.", "bold"), "\n\n", (".", "$primary"), "  shows them"
    )


def _first_steps(kit: Kit, is_in_repo: bool) -> Content:
    where = "" if is_in_repo else " (choose a repository: this folder is in none)"
    lines = [
        Content.assemble(("No agents yet.", "bold")),
        Content(""),
        _step("n", f"launch agents, each in a worktree of its own{where}"),
        _step(f"{kit.own_command} demo", "in a shell: a small fleet at work that needs no key"),
        _step("?", "all keys"),
    ]
    if kit.is_known:
        lines += [Content(""), *_found(kit)]
    return Content("\n").join(lines)


def _step(key: str, text: str) -> Content:
    return Content.assemble((f"{key:<8}  ", "bold $primary"), text)


def _found(kit: Kit) -> list[Content]:
    names = [kit.specs[name].name for name in kit.installed]
    missing = [spec for name, spec in kit.specs.items() if name not in kit.installed]
    lines = [Content.assemble(("found     ", "dim"), one_line(", ".join(names)) or "no agent CLI")]
    if missing:
        absent = wrap(one_line(", ".join(spec.name for spec in missing)), _WIDTH)
        said = [*absent, f"{kit.own_command} doctor says how to install them"]
        heads = ("missing", *[""] * len(absent))
        lines += [Content.styled(f"{a:<10}{b}", "dim") for a, b in zip(heads, said, strict=True)]
    problems = (one_line(problem.text, 200) for problem in kit.problems[:3])
    return [*lines, *(Content.assemble(("✗ ", "bold $error"), text) for text in problems)]
