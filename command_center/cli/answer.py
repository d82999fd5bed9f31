"""`acc answer`: what a waiting agent asks, and an answer to exactly that."""

import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.options import agent_argument, as_json, timeout_option
from command_center.cli.out import print_fields, print_json, problem
from command_center.cli.reports import AnswerReport, QuestionReport
from command_center.domain.asks import Question, Verdict
from command_center.domain.errors import IntentError
from command_center.domain.intents import Answer
from command_center.domain.model import Agent
from command_center.domain.questions import alike
from command_center.domain.text import one_line

Asking = tuple[Agent, Question]


@click.command()
@agent_argument
@click.argument("reply", metavar="[yes|no|CHOICE]", default="")
@click.option("--text", default="", help="A typed reply; with `no`, what the agent is told.")
@click.option("--all", "everyone", is_flag=True, help="Also all others who ask the same kind.")
@click.option("--like", metavar="GLOB", default="", help="With --all: only commands like this.")
@click.option("-y", "--yes", "is_sure", is_flag=True, help="Do not ask before answering.")
@timeout_option(30)
@as_json
def answer(
    agent: str,
    reply: str,
    text: str,
    everyone: bool,
    like: str,
    is_sure: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Show what an agent asks, and answer it; without an answer only show it."""
    verdict, choice = _verdict(reply, text)
    if like and not everyone:
        raise click.UsageError("--like chooses among others: it goes with --all")
    with Desk() as desk:
        asking = list(_asking(desk, agent, everyone, like))
        for one in asking:
            _show(*one, as_json=as_json)
        if verdict is None:
            return
        if not is_sure and sys.stdin.isatty():
            click.confirm(f"Answer {one_line(reply or text, 40)}?", abort=True, err=True)
        intents = [Answer(a.id, q.id, verdict, choice, text) for a, q in asking]
        answers = desk.answers(desk.ask(intents), timeout)
    reports = [
        AnswerReport("answer", said.is_refused, one.id, one.name, said.text, intent=said.intent)
        for (one, _), said in zip(asking, answers, strict=True)
    ]
    _print(reports, as_json)


def _verdict(reply: str, text: str) -> tuple[Verdict | None, int]:
    if reply in (Verdict.YES, Verdict.NO):
        if text and reply == Verdict.YES:
            raise click.UsageError("a yes says nothing more; --text goes with `no` or alone")
        return Verdict(reply), 0
    if reply.isdecimal() and reply.isascii() and int(reply) > 0 and not text:
        return Verdict.CHOICE, int(reply)
    if reply:
        raise click.UsageError(f"'{reply}' is no answer; say yes, no, a number or --text TEXT")
    return (Verdict.TEXT if text else None), 0


def _asking(desk: Desk, name: str, everyone: bool, like: str) -> Iterator[Asking]:
    """The named agent first. Raises IntentError when it asks nothing."""
    first = desk.agent(name)
    if first.asks is None:
        raise IntentError(f"{first.name} asks nothing: it is {first.state}; see `acc list`")
    among = alike(desk.fleet, first.asks) if everyone else [(first, first.asks)]
    chosen = [(a, q) for a, q in among if not like or fnmatchcase(q.detail, like)]
    if not chosen:
        raise IntentError(f"nobody asks about a command like '{one_line(like, 60)}'")
    yield from sorted(chosen, key=lambda pair: (pair[0].id != first.id, pair[0].name))


def _show(agent: Agent, question: Question, *, as_json: bool) -> None:
    if as_json:
        print_json(QuestionReport.of(agent, question))
        return
    choices = (f"{number}. {words}" for number, words in enumerate(question.choices, 1))
    fields = [(agent.name, question.text), ("choices", "\n".join(choices))]
    print_fields(fields)


def _print(reports: Sequence[AnswerReport], as_json: bool) -> None:
    for report in reports:
        if as_json:
            print_json(report)
        if report.is_refused:
            problem(report.text)
        elif not as_json:
            click.echo(one_line(f"{report.name}: {report.text}"))
    if any(report.is_refused for report in reports):
        click.get_current_context().exit(REFUSED)
