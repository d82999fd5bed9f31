"""What a filled-in task form means, and what stands in the way."""

import shlex
from collections.abc import Collection
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict, replace

from command_center.domain.errors import IntentError
from command_center.domain.model import Fleet
from command_center.domain.tasks import Brief, Conversation, Judge, Task, TaskKind
from command_center.domain.templates import Template, filled
from command_center.domain.text import one_line
from command_center.domain.wordings import WORDS, Wording, brief_of, shown_allowance, worded
from command_center.store.inclusions import include
from command_center.store.roots import repository_root
from command_center.tui.dialogs.draft import DraftError, repository


class TaskDraft(Struct, frozen=True):
    """The fields as the user left them."""

    title: str = ""
    prompt: str = ""
    kind: str = TaskKind.FEATURE
    run: str = ""
    """Of an experiment alone: a template of runs, or a command as one would type it."""
    repo: str = ""
    """Path inside a repository; for a task that is there already it is not asked."""
    judge: str = Judge.USER
    command: str = ""
    """As one would type it into a shell; none runs it."""
    needs: str = ""
    touches: str = ""
    spec: str = ""
    niche: str = ""
    priority: str = ""
    tags: str = ""
    budget: str = ""
    conversation: str = Conversation.FRESH
    values: str = ""
    """Of the template's variables, such as `file=src/x.py, n=3`."""


def drafted(brief: Brief) -> TaskDraft:
    """The form that stands for a brief."""
    return TaskDraft(
        title=brief.title,
        prompt=brief.prompt,
        kind=brief.kind,
        run=brief.run,
        judge=brief.check.judge,
        command=shlex.join(brief.check.command),
        needs=", ".join(brief.needs),
        touches=", ".join(brief.touches),
        spec=brief.spec,
        niche=brief.niche,
        priority=str(brief.priority or ""),
        tags=", ".join(brief.tags),
        budget=shown_allowance(brief.allowance),
        conversation=brief.conversation,
    )


def beginning(draft: TaskDraft, template: Template) -> TaskDraft:
    """The form with what a template says in place of what stood there; the prompt stays."""
    said = {
        "kind": template.kind,
        "run": template.run,
        "judge": template.judge or (Judge.COMMAND if template.check else None),
        "command": template.check,
        "needs": _joined(template.needs),
        "touches": _joined(template.touches),
        "spec": template.spec,
        "niche": template.niche,
        "priority": None if template.priority is None else str(template.priority),
        "tags": _joined(template.tags),
        "budget": template.budget,
        "conversation": template.conversation,
    }
    told = {name: value for name, value in said.items() if value is not None}
    return TaskDraft(**(asdict(draft) | told))


def brief_from(
    draft: TaskDraft,
    fleet: Fleet,
    specs: Collection[str],
    old: Task | None = None,
    template: Template | None = None,
) -> Brief:
    """The brief; `old` is the task that it revises. Raises DraftError."""
    title = one_line(draft.title)
    if not title:
        raise DraftError("no title yet: one line on what shall be done")
    if old is None:
        repository(draft.repo)
    if draft.spec.strip() and draft.spec.strip() not in specs:
        raise DraftError(f"agent: no spec {one_line(draft.spec)}; there are {', '.join(specs)}")
    for need in _split(draft.needs):
        if need not in fleet.tasks:
            raise DraftError(f"needs: there is no task {one_line(need)}")
    if draft.judge == Judge.COMMAND and not draft.command.strip():
        raise DraftError("command: give the one that has to pass, such as pytest -q")
    try:
        words = _wording(draft, old)
        if template is not None:
            words = filled(template, title, _own(words, template), _values(draft.values))
        brief = brief_of(title, words)
    except (IntentError, ValueError) as error:
        raise DraftError(one_line(str(error))) from None
    return replace(brief, repo=old.brief.repo, reviews=old.brief.reviews) if old else brief


def task_summary(draft: TaskDraft, brief: Brief) -> str:
    """One sentence on what becomes of it."""
    where = one_line(repository(draft.repo).name, 40) if draft.repo else "its repository"
    who = one_line(brief.spec or brief.niche, 40)
    after = f" after {', '.join(brief.needs)}" if brief.needs else ""
    if brief.run:
        return f"an experiment in {where}{after}; x on the board runs it"
    agent = f"{who} agent" if who else "agent"
    task = f"{'an' if brief.kind is TaskKind.EXPERIMENT else 'a'} {brief.kind}"
    return f"{task} in {where} for the next {agent} that fits{after}"


def _wording(draft: TaskDraft, old: Task | None) -> Wording:
    check = old.brief.check if old else None
    return worded(
        {
            "prompt": draft.prompt.rstrip(),
            "kind": draft.kind,
            "judge": draft.judge,
            "check": draft.command if draft.judge == Judge.COMMAND else None,
            "check_seconds": check.seconds if check else None,
            "returns": check.returns if check else None,
            "touches": _split(draft.touches),
            "needs": _split(draft.needs),
            "priority": draft.priority.strip() or "0",
            "tags": _split(draft.tags),
            "spec": draft.spec.strip(),
            "niche": draft.niche.strip(),
            "conversation": draft.conversation,
            "budget": draft.budget.strip() or None,
            "base": old.brief.base if old else None,
            "run": _run(draft, old),
        }
    )


def _run(draft: TaskDraft, old: Task | None) -> str:
    """What the field says where it is shown, or what such a task said before."""
    if draft.kind == TaskKind.EXPERIMENT:
        try:
            shlex.split(draft.run)
        except ValueError as error:
            raise DraftError(f"run: {error}") from None
        return draft.run.strip()
    return old.brief.run if old is not None and old.brief.kind == draft.kind else ""


def _own(words: Wording, template: Template) -> Wording:
    """What the form says that the template does not: the template's own words have variables."""
    same = [name for name in WORDS if getattr(words, name) == getattr(template, name)]
    if "check" in same:
        same.append("judge")
    return replace(words, **dict.fromkeys(same))


def _values(text: str) -> dict[str, str]:
    """Of `file=src/x.py, n=3`. Raises IntentError."""
    values = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise IntentError(f"variables: {part} has no value; write {name}=...")
        values[name.strip()] = value.strip()
    return values


def included(brief: Brief, folder: Path) -> Brief:
    """With the files that its prompt names as `@path` put after it. Raises DraftError."""
    root = repository_root(folder) or folder
    try:
        return replace(brief, prompt=include(brief.prompt, root).text) if brief.prompt else brief
    except (IntentError, OSError) as error:
        raise DraftError(f"prompt: {one_line(str(error))}") from None


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _joined(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else ", ".join(words)
