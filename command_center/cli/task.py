"""`acc task`: the backlog as text; what is done with tasks stands in modules of its own."""

from collections.abc import Iterator, Sequence

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import age, print_fields, print_json, print_table, problem
from command_center.cli.spending import Spent
from command_center.cli.task_add import add, done_when, import_tasks
from command_center.cli.task_edit import edit
from command_center.cli.task_moves import approve, assign, discard, queue, return_task
from command_center.cli.task_names import pick_task, task_argument
from command_center.cli.task_reports import agent_name, task_reports
from command_center.cli.task_run import run_task
from command_center.cli.task_spending import spent_per_task
from command_center.domain.decisions import awaits_user, held_up, undecided
from command_center.domain.errors import LogError
from command_center.domain.model import Fleet, State
from command_center.domain.placement import in_turn
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Life, Task
from command_center.domain.text import one_line
from command_center.domain.wordings import shown_allowance

_TITLE = 40
"""Characters of a title in the list."""
_HEAD = ("TASK", "LIFE", "FOR", "KIND", "AGENT", "TITLE", "WHY")


@click.group()
def task() -> None:
    """Add tasks for agents, and decide about them.

    A task waits until `acc dispatch` or the dashboard hands it to an agent.
    """


for _command in (add, import_tasks, edit, queue, assign, approve, return_task, discard, run_task):
    task.add_command(_command)


@task.command("list")
@click.option(
    "--life",
    "lives",
    multiple=True,
    type=click.Choice([str(life) for life in Life]),
    help="Only tasks that have come so far; may be given again.",
)
@click.option("--tag", "tags", multiple=True, help="Only tasks with this tag.")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@as_json
def list_tasks(lives: Sequence[str], tags: Sequence[str], everything: bool, as_json: bool) -> None:
    """List the tasks, those that need you first."""
    with Desk() as desk:
        desk.say_if_stale()
        fleet = desk.fleet
        spent = _spent(desk, fleet) if as_json else {}
    listed = [
        task
        for task in _ordered(fleet)
        if (task.life in lives if lives else everything or not task.life.is_over)
        and {*tags} <= {*task.brief.tags}
    ]
    if as_json:
        for report in task_reports(fleet, listed, spent):
            print_json(report)
    elif listed:
        print_table(_HEAD, [_row(fleet, task) for task in listed])
    elif not fleet.tasks:
        click.echo("acc: no tasks; add one with `acc task add`", err=True)


def _ordered(fleet: Fleet) -> list[Task]:
    """What waits for the user, what agents have, what is queued in its turn, and the rest."""
    at_work = [task for task in fleet.tasks.values() if task.life.is_on_agent]
    drafts = [task for task in fleet.tasks.values() if task.life is Life.DRAFT]
    first = [*undecided(fleet), *at_work, *in_turn(fleet.tasks), *drafts, *fleet.tasks.values()]
    return list({task.id: task for task in first}.values())


def _row(fleet: Fleet, task: Task) -> tuple[str, ...]:
    life = f"{task.life} (needs you)" if awaits_user(task, fleet.dispatch) else str(task.life)
    agent = agent_name(fleet, task.agent)
    title = one_line(task.brief.title, _TITLE)
    shown = (task.id, life, age(task.since), str(task.brief.kind), agent, title)
    return (*shown, why_so(fleet, task))


def why_so(fleet: Fleet, task: Task) -> str:
    """Why it is where it is, or where it would go."""
    if task.life is Life.QUEUED and task.proposed:
        return f"→ {agent_name(fleet, task.proposed)}: {task.reason}"
    agent = fleet.agents.get(task.agent)
    if task.life.is_on_agent and agent is not None and agent.state is State.WAITING:
        return f"{agent.name} waits for you: {agent.reason}"
    return task.reason


@task.command("show")
@task_argument
@as_json
def show(name: str, as_json: bool) -> None:
    """Show everything known about one task."""
    with Desk() as desk:
        desk.say_if_stale()
        fleet = desk.fleet
        found = pick_task(fleet, name)
        spent = _spent(desk, fleet)
    if as_json:
        print_json(*task_reports(fleet, [found], spent))
    else:
        print_fields([*_standing(fleet, found), *_asked(found), *_brought(found, spent)])


def _spent(desk: Desk, fleet: Fleet) -> dict[str, Spent]:
    """By the task's id; a count that cannot be read is told, and hides nothing else."""
    try:
        return spent_per_task(desk.places, fleet)
    except LogError as error:
        problem(str(error))
        return {}


def _standing(fleet: Fleet, task: Task) -> Iterator[tuple[str, str]]:
    behind = held_up(fleet.tasks)[task.id]
    repo = fleet.repos.get(task.brief.repo)
    yield "task", task.id
    yield "title", task.brief.title
    needs_you = ", needs you" if awaits_user(task, fleet.dispatch) else ""
    yield "life", f"{task.life}{needs_you}, for {age(task.since)}"
    yield "because", why_so(fleet, task)
    yield "agent", agent_name(fleet, task.agent)
    yield "waits for", " ".join(unmet(task, fleet.tasks))
    yield "behind it", f"{behind} tasks wait for it" if behind else ""
    yield "repository", repo.root if repo else task.brief.repo
    yield "made by", agent_name(fleet, task.by)


def _asked(task: Task) -> Iterator[tuple[str, str]]:
    brief = task.brief
    yield "kind", str(brief.kind)
    yield "done when", done_when(brief)
    yield "needs", " ".join(brief.needs)
    yield "touches", " ".join(brief.touches)
    yield "priority", str(brief.priority or "")
    yield "tags", " ".join(brief.tags)
    yield "spec", brief.spec
    yield "niche", brief.niche
    yield "reviews", brief.reviews
    yield "runs as", brief.run
    yield "budget", shown_allowance(brief.allowance)
    yield "talk", str(brief.conversation)
    yield "prompt", brief.words


def _brought(task: Task, spent: dict[str, Spent]) -> Iterator[tuple[str, str]]:
    yield "runs", " ".join(task.runs)
    yield "branch", task.branch
    yield "base", task.base_commit[:12]
    yield "changes", "\n".join(task.files)
    if task.started_at:
        yield "took", age(task.started_at, task.ended_at)
    if task.id in spent:
        yield "tokens", f"{spent[task.id].tokens.total:,}"
        yield "money", spent[task.id].shown_money
    yield "sent back", f"{task.returns} times" if task.returns else ""
    yield "output", task.output
