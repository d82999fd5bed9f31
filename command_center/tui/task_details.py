"""All that is known of one task, as lines of styled parts: pure."""

import shlex
from collections.abc import Iterator

from rich.cells import cell_len

from command_center.domain.budgets import shown_count, shown_money
from command_center.domain.decisions import awaits_user, held_up
from command_center.domain.model import Agent, Receipt
from command_center.domain.tasks import Conversation, Judge, Life, Task
from command_center.domain.text import one_line, plain
from command_center.tui import theme
from command_center.tui.cells import age, fitted
from command_center.tui.figures import Part
from command_center.tui.task_cards import ASKS, LOOKS, Facts, Parts, cost_words, wrapped

LABEL = 9
"""Columns of what names a line."""
FILES_MOST, PROMPT_MOST, OUTPUT_MOST = 8, 200, 200
"""Lines."""


def detail_lines(task: Task, facts: Facts, width: int) -> list[Parts]:
    """Every line is at most `width` columns wide."""
    lines = [_head(task, facts, width)]
    lines += [((line, theme.STRONG),) for line in wrapped(one_line(task.brief.title, 400), width)]
    if reason := one_line(task.reason, 600):
        style = theme.UNSEEN if awaits_user(task, facts.fleet.dispatch) else theme.QUIET
        lines += [((line, style),) for line in wrapped(reason, width)]
    lines.append(())
    for label, text in _facts(task, facts):
        lines += _labelled(label, text, width)
    lines += _changes(task, facts, width)
    lines += _receipts(task, facts, width)
    lines += _text("Prompt", task.brief.prompt, width, PROMPT_MOST)
    lines += _text("Check output", task.output, width, OUTPUT_MOST)
    return lines


def _head(task: Task, facts: Facts, width: int) -> Parts:
    sign, style = ASKS if awaits_user(task, facts.fleet.dispatch) else LOOKS[task.life]
    ago = age(facts.now - task.since)
    words = f"{task.brief.kind} · {task.life} for {ago}"
    parts = ((f"{task.id} ", theme.KEY), (f"{sign} ", style), (words, theme.PLAIN))
    return parts if len(task.id) + 3 + len(words) <= width else parts[:2]


def _facts(task: Task, facts: Facts) -> Iterator[tuple[str, str]]:
    """Names and words of what there is to tell; nothing for what was not said."""
    brief, fleet = task.brief, facts.fleet
    if task.proposed:
        yield "Proposed", f"→ {facts.name(task.proposed)}"
    if task.agent:
        agent = fleet.agents.get(task.agent)
        state = f" ({agent.state})" if agent else " (removed)"
        yield "Agent", f"{facts.name(task.agent)}{state}"
    if task.branch:
        start = f" from {task.base_commit[:10]}" if task.base_commit else ""
        yield "Branch", f"{task.branch}{start}"
    if cost := " · ".join(cost_words(task, facts)):
        yield "Cost", f"{cost}{_of_budget(task)}"
    elif _of_budget(task):
        yield "Budget", _of_budget(task).removeprefix(", at most ")
    if brief.needs:
        yield "Needs", ", ".join(f"{need} ({_life(need, facts)})" for need in brief.needs)
    if behind := held_up(fleet.tasks)[task.id]:
        yield "Behind it", f"{behind} task{'s' if behind > 1 else ''}"
    if task.runs or brief.run:
        yield "Runs", " ".join((*_runs(task, facts), brief.run)).strip()
    yield "Done when", _check(task)
    repo = fleet.repos.get(brief.repo)
    yield "In", repo.name if repo else brief.repo
    yield from _wishes(task)
    yield "Made by", task.by


def _wishes(task: Task) -> Iterator[tuple[str, str]]:
    brief = task.brief
    if brief.touches:
        yield "Touches", ", ".join(brief.touches)
    if brief.spec or brief.niche:
        yield "Wants", " ".join(filter(None, (brief.niche, brief.spec)))
    if brief.conversation is Conversation.KEPT:
        yield "Wants", "an agent that remembers what it did before"
    if brief.priority:
        yield "Priority", str(brief.priority)
    if brief.tags:
        yield "Tags", " ".join(f"#{tag}" for tag in brief.tags)


def _runs(task: Task, facts: Facts) -> Iterator[str]:
    """How each stands, and what it brought."""
    for name in task.runs:
        run = facts.fleet.runs.get(name)
        result = "" if run is None or run.result is None else f" {run.result:.6g}"
        yield f"{name} ({run.life if run else 'unknown'}{result}),"


def _life(need: str, facts: Facts) -> str:
    task = facts.fleet.tasks.get(need)
    return str(task.life) if task else "unknown"


def _of_budget(task: Task) -> str:
    most = task.brief.allowance
    limits = [shown_money(most.money)] if most.money else []
    limits += [f"{shown_count(most.tokens)} tok"] if most.tokens else []
    limits += [f"{most.minutes:g} min"] if most.minutes else []
    return f", at most {', '.join(limits)}" if limits else ""


def _check(task: Task) -> str:
    check = task.brief.check
    match check.judge:
        case Judge.COMMAND:
            back = f"; sent back {task.returns} of {check.returns} times" if task.returns else ""
            return f"`{shlex.join(check.command)}` passes within {age(check.seconds)}{back}"
        case Judge.REVIEW:
            return "another agent has reviewed it"
        case Judge.USER:
            return "you say yes"


def _labelled(label: str, text: str, width: int) -> Iterator[Parts]:
    head = f"{label:<{LABEL}} "
    for line in wrapped(one_line(text, 1000), max(8, width - len(head))):
        yield (head, theme.QUIET), (line, theme.PLAIN)
        head = " " * len(head)


def _changes(task: Task, facts: Facts, width: int) -> Iterator[Parts]:
    """What its branch changes: as measured now, and the files once its check was passed."""
    agent = facts.fleet.agents.get(task.agent)
    diff = agent.diff if agent is not None and agent.order.branch == task.branch != "" else None
    if diff is not None and (diff.files or diff.uncommitted):
        left = f" · {diff.uncommitted} uncommitted" if diff.uncommitted else ""
        yield (
            (f"{'Changes':<{LABEL}} ", theme.QUIET),
            (f"+{diff.added} ", theme.ADDED),
            (f"-{diff.removed} ", theme.REMOVED),
            (f"in {diff.files} files{left}", theme.PLAIN),
        )
    shown = [one_line(path) for path in task.files[:FILES_MOST]]
    more = len(task.files) - len(shown)
    head = f"{'Files':<{LABEL}} "
    for path in [*shown, *([f"and {more} more"] if more else [])]:
        for line in wrapped(path, max(8, width - len(head))):
            yield (head, theme.QUIET), (line, theme.PLAIN)
            head = " " * len(head)


def _receipts(task: Task, facts: Facts, width: int) -> Iterator[Parts]:
    """What its agent was told since, and how far that came."""
    agent = facts.fleet.agents.get(task.agent)
    told = list(_told(task, agent)) if agent is not None else []
    if told:
        yield ()
        yield (("Prompts", theme.BRAND),)
    for receipt in told:
        proof = f": {one_line(receipt.proof, 200)}" if receipt.proof else ""
        at = age(facts.now - receipt.changed_at) if receipt.changed_at else ""
        lines = wrapped(f"{receipt.delivery}{proof}", max(8, width - 6))
        yield (f"{at:>4}  ", theme.QUIET), (lines[0], theme.PLAIN)
        for line in (*lines[1:], *wrapped(one_line(receipt.text, 120), max(8, width - 6), 1)):
            yield ("      ", theme.PLAIN), (line, theme.QUIET)


def _told(task: Task, agent: Agent) -> Iterator[Receipt]:
    for receipt in agent.receipts:
        is_within = task.started_at <= receipt.changed_at and (
            not task.ended_at or receipt.queued_at <= task.ended_at
        )
        if receipt.id == task.prompt or (task.started_at and is_within):
            yield receipt


def _text(title: str, text: str, width: int, most: int) -> Iterator[Parts]:
    """Its end, when there is more than `most` lines of it."""
    lines = plain(text).expandtabs(4).rstrip().splitlines()
    if not lines:
        return
    yield ()
    yield ((title, theme.BRAND),)
    folded = [part for line in lines for part in folded_lines(line, width)]
    yield from (((line, theme.PLAIN),) for line in folded[-most:])


def folded_lines(line: str, width: int) -> list[str]:
    """A line of text with its blanks, in parts that fit."""
    parts = [""]
    for character in line:
        if cell_len(parts[-1] + character) > max(1, width):
            parts.append("")
        parts[-1] += character
    return parts


def entry_lines(task: Task, facts: Facts, behind: int, width: int) -> tuple[Parts, ...]:
    """A task in two lines: what it is and what it cost, then what it waits for or became."""
    sign, style = ASKS if awaits_user(task, facts.fleet.dispatch) else LOOKS[task.life]
    cost = " · ".join(cost_words(task, facts))
    head = f"{task.id:<4}"
    title = fitted(one_line(task.brief.title, 300), max(8, width - 7 - len(head) - cell_len(cost)))
    first: Parts = (
        (f"{sign} ", style),
        (head + " ", theme.KEY),
        (title, theme.STRONG),
        ("  " + cost, theme.QUIET),
    )
    return first, _second(task, facts, behind, width)


def _second(task: Task, facts: Facts, behind: int, width: int) -> Parts:
    who = facts.name(task.agent) if task.agent else ""
    waits = f"{behind} wait{'s' if behind == 1 else ''} behind it" if behind else ""
    said: list[Part] = [(who, theme.PLAIN), (wanted(task, facts), theme.PLAIN)]
    said.append((waits, theme.UNSEEN))
    parts: list[Part] = [("       ", theme.PLAIN)]
    left = width - 8
    for text, style in said:
        if text and left > 4:
            shown = fitted(text, min(cell_len(text), left))
            parts += [(" · " if len(parts) > 1 else "", theme.QUIET), (shown, style)]
            left -= cell_len(shown) + 3
    return tuple(parts)


def wanted(task: Task, facts: Facts) -> str:
    """What it waits for, in words; what became of it when it is over."""
    if task.life is Life.REVIEW:
        files = f"{len(task.files)} file{'s' if len(task.files) != 1 else ''} changed, "
        return f"{files if task.files else ''}passed its check: take it, or send it back"
    if task.proposed:
        return f"→ {facts.name(task.proposed)} because {one_line(task.reason, 200)}"
    reason = one_line(task.reason, 300)
    return f"{task.life}: {reason}" if task.life.is_over and reason else reason or str(task.life)
