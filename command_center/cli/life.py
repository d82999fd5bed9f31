"""`acc stop`, `acc resume`, `acc remove` and `acc undo`: requests about agents by name."""

from collections.abc import Callable, Sequence

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk, pick
from command_center.cli.options import agents_argument, as_json, timeout_option
from command_center.cli.out import print_json, problem
from command_center.cli.reports import AnswerReport
from command_center.domain import events as ev
from command_center.domain.intents import Intent, Remove, Resume, Stop, Undo
from command_center.domain.model import Agent, Answer
from command_center.domain.text import one_line

WAIT = 60.0


@click.command()
@agents_argument
@timeout_option(WAIT)
@as_json
def stop(agents: Sequence[str], timeout: float, as_json: bool) -> None:
    """Stop agents; their worktrees stay."""
    carry_out("stop", "stopped", agents, Stop, timeout, as_json)


@click.command()
@agents_argument
@timeout_option(WAIT)
@as_json
def resume(agents: Sequence[str], timeout: float, as_json: bool) -> None:
    """Start stopped agents again.

    They go on in the same worktree and conversation.
    """
    carry_out("resume", "resumed", agents, Resume, timeout, as_json)


@click.command()
@agents_argument
@click.option("--keep-branch", is_flag=True, help="Leave the branch in the repository.")
@timeout_option(WAIT)
@as_json
def remove(agents: Sequence[str], keep_branch: bool, timeout: float, as_json: bool) -> None:
    """Remove agents with their worktrees.

    Refused with a list when work would be lost. `acc undo` brings a removed agent back.
    """

    def wanted(agent: str) -> Intent:
        return Remove(agent, keeps_branch=keep_branch)

    carry_out("remove", "removed", agents, wanted, timeout, as_json)


@click.command()
@agents_argument
@timeout_option(WAIT)
@as_json
def undo(agents: Sequence[str], timeout: float, as_json: bool) -> None:
    """Bring removed agents back, files and all."""
    carry_out("undo", "brought back", agents, Undo, timeout, as_json)


def carry_out(
    asked: str,
    done: str,
    names: Sequence[str],
    wanted: Callable[[str], Intent],
    timeout: float,
    as_json: bool,
) -> None:
    """Ask for all of `names` at once; leaves with exit code 1 when one was refused."""
    with Desk() as desk:
        agents = [_subject(desk, asked, name) for name in names]
        all_done = ask_for_each(desk, asked, done, agents, wanted, timeout, as_json)
    if not all_done:
        click.get_current_context().exit(REFUSED)


def ask_for_each(
    desk: Desk,
    asked: str,
    done: str,
    agents: Sequence[Agent],
    wanted: Callable[[str], Intent],
    timeout: float,
    as_json: bool = False,
) -> bool:
    """Print what became of each request; whether none was refused."""
    if not agents:
        return True
    before = desk.fleet.seq
    answers = desk.answers(desk.ask([wanted(agent.id) for agent in agents]), timeout)
    for agent, answer in zip(agents, answers, strict=True):
        report = _report(desk, asked, agent, answer, before)
        if as_json:
            print_json(report)
        elif not answer.is_refused:
            click.echo(one_line(f"{agent.name} {done}"))
        if answer.is_refused:
            _say_refusal(report)
    return not any(answer.is_refused for answer in answers)


def _subject(desk: Desk, asked: str, name: str) -> Agent:
    if asked == "undo":
        removals = sorted(desk.fleet.removals.values(), key=lambda r: r.at)
        # The last one of each name; an older one can still be named by its id.
        newest = {r.agent.name: r.agent for r in removals}
        by_id = (r.agent for r in removals if r.agent.id == name)
        return pick([*by_id, *newest.values()], name)
    return desk.agent(name)


def _report(desk: Desk, asked: str, agent: Agent, answer: Answer, before: int) -> AnswerReport:
    losses: tuple[str, ...] = ()
    if answer.is_refused and asked == "remove":
        for record in desk.view.records(before):
            if isinstance(record.event, ev.RemovalRefused) and record.event.agent == agent.id:
                losses = record.event.losses
    return AnswerReport(
        asked=asked,
        is_refused=answer.is_refused,
        agent=agent.id,
        name=agent.name,
        text=answer.text,
        branch=agent.order.branch,
        worktree=agent.order.worktree,
        losses=losses,
    )


def _say_refusal(report: AnswerReport) -> None:
    reason = report.text.partition("\n")[0]
    problem(f"{report.name}: {report.asked} refused: {reason}")
    for loss in report.losses:
        click.echo(f"  {one_line(loss)}", err=True)
