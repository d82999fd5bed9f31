"""Decisions about tasks: queue, assign, approve, return and discard."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.options import as_json, complete_agents, timeout_option
from command_center.cli.out import print_json, problem
from command_center.cli.prompts import read_prompt
from command_center.cli.reports import AnswerReport
from command_center.cli.task_names import pick_task, pick_tasks, task_argument, tasks_argument
from command_center.cli.task_reports import agent_name
from command_center.domain.intents import Intent
from command_center.domain.task_intents import (
    ApproveTask,
    AssignTask,
    DiscardTask,
    QueueTask,
    ReturnTask,
)
from command_center.domain.tasks import Task
from command_center.domain.text import one_line

WAIT = 60.0
_DONE = {
    "queue": "queued",
    "assign": "given",
    "approve": "approved",
    "return": "sent back",
    "discard": "discarded",
}


@click.command()
@tasks_argument
@timeout_option(WAIT)
@as_json
def queue(names: Sequence[str], timeout: float, as_json: bool) -> None:
    """Make drafts ready, or take tasks back from their agents."""
    _decide("queue", names, lambda task: QueueTask(task.id), timeout, as_json)


@click.command()
@task_argument
@click.argument("agent", metavar="[AGENT]", default="", shell_complete=complete_agents)
@timeout_option(WAIT)
@as_json
def assign(name: str, agent: str, timeout: float, as_json: bool) -> None:
    """Give a task to an agent.

    Without AGENT: to the one that the dispatcher would choose.
    """

    def wanted(desk: Desk, task: Task) -> Intent:
        return AssignTask(task.id, desk.agent(agent).id if agent else "")

    with Desk() as desk:
        task = pick_task(desk.fleet, name)
        _ask(desk, "assign", [task], [wanted(desk, task)], timeout, as_json)


@click.command()
@tasks_argument
@timeout_option(WAIT)
@as_json
def approve(names: Sequence[str], timeout: float, as_json: bool) -> None:
    """Say that tasks are done; of those in review, that their results were taken."""
    _decide("approve", names, lambda task: ApproveTask(task.id), timeout, as_json)


@click.command("return")
@task_argument
@click.argument("text", metavar="[TEXT|-]", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the words from FILE.")
@timeout_option(WAIT)
@as_json
def return_task(
    name: str, text: str | None, file: Path | None, timeout: float, as_json: bool
) -> None:
    """Send a task back to its agent, with words about what is missing."""
    words = read_prompt(text, file)
    if not words.strip():
        raise click.UsageError("say what is missing: TEXT, `-f FILE` or `-`")
    _decide("return", [name], lambda task: ReturnTask(task.id, words), timeout, as_json)


@click.command()
@tasks_argument
@timeout_option(WAIT)
@as_json
def discard(names: Sequence[str], timeout: float, as_json: bool) -> None:
    """Give tasks up; their branches stay."""
    _decide("discard", names, lambda task: DiscardTask(task.id), timeout, as_json)


def _decide(
    asked: str,
    names: Sequence[str],
    wanted: Callable[[Task], Intent],
    timeout: float,
    as_json: bool,
) -> None:
    with Desk() as desk:
        tasks = pick_tasks(desk.fleet, names)
        _ask(desk, asked, tasks, [wanted(task) for task in tasks], timeout, as_json)


def _ask(
    desk: Desk,
    asked: str,
    tasks: Sequence[Task],
    wanted: Sequence[Intent],
    timeout: float,
    as_json: bool,
) -> None:
    """Print what became of each; leaves with exit code 1 when one was refused."""
    answers = desk.answers(desk.ask(wanted), timeout)
    for task, answer in zip(tasks, answers, strict=True):
        now = desk.fleet.tasks.get(task.id, task)
        name = agent_name(desk.fleet, now.agent)
        if as_json:
            report = AnswerReport(
                f"task {asked}", answer.is_refused, now.agent, name, answer.text, task=task.id
            )
            print_json(report)
        elif not answer.is_refused:
            to = f" to {name}" if asked in ("assign", "return") and name else ""
            click.echo(one_line(f"{task.id} {_DONE[asked]}{to}"))
        if answer.is_refused:
            problem(f"{task.id}: {asked} refused: {answer.text}")
    if any(answer.is_refused for answer in answers):
        click.get_current_context().exit(REFUSED)
