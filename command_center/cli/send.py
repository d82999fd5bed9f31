"""`acc send`: a prompt for an agent, and the proof of how far it got."""

from pathlib import Path

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk, wait_until
from command_center.cli.options import agent_argument, as_json, timeout_option
from command_center.cli.out import print_json, problem
from command_center.cli.prompts import read_prompt
from command_center.cli.reports import AnswerReport
from command_center.domain.errors import SupervisorUnreachable
from command_center.domain.intents import Send
from command_center.domain.model import Agent, Answer, Delivery, Receipt
from command_center.domain.text import one_line

_REACHED = {
    "accepted": (Delivery.ACCEPTED, Delivery.FINISHED),
    "finished": (Delivery.FINISHED,),
}


@click.command()
@agent_argument
@click.argument("text", metavar="[TEXT|-]", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the prompt from FILE.")
@click.option(
    "--wait",
    type=click.Choice(["accepted", "finished", "none"]),
    default="accepted",
    show_default=True,
    help="Return when the agent took the prompt, when its turn is over, or at once.",
)
@timeout_option(120)
@as_json
def send(
    agent: str, text: str | None, file: Path | None, wait: str, timeout: float, as_json: bool
) -> None:
    """Send a prompt to an agent.

    `-` reads it from standard input. It is typed once, and only when it may be.
    """
    prompt = read_prompt(text, file)
    if not prompt.strip():
        raise click.UsageError("the prompt is empty; give TEXT, `-f FILE` or `-`")
    with Desk() as desk:
        found = desk.agent(agent)
        [intent] = desk.ask([Send(found.id, prompt)])
        if wait == "none":
            _print(AnswerReport("send", False, found.id, found.name, intent=intent), as_json)
            return
        [answer] = desk.answers([intent], timeout)
        receipt = None if answer.is_refused else _settled(desk, found, answer.text, wait, timeout)
    report = _report(found, answer, receipt)
    _print(report, as_json)
    if report.is_refused:
        click.get_current_context().exit(REFUSED)


def _settled(desk: Desk, agent: Agent, prompt: str, wait: str, timeout: float) -> Receipt:
    """The receipt with id `prompt` once it got as far as asked, or no further at all."""

    def ours() -> Receipt | None:
        return desk.fleet.agents.get(agent.id, agent).receipt(prompt)

    def settled() -> Receipt | None:
        found = ours()
        over = found and (found.delivery in _REACHED[wait] or found.delivery.is_over)
        return found if over else None

    if (receipt := wait_until(settled, timeout)) is not None:
        return receipt
    now = ours()
    so_far = ": ".join(filter(None, (now.delivery, now.proof))) if now else "not queued"
    raise SupervisorUnreachable(
        f"{agent.name}: the prompt was not {wait} after {timeout:g} s, it is {so_far}; "
        f"see `acc show {agent.name}`"
    )


def _report(agent: Agent, answer: Answer, receipt: Receipt | None) -> AnswerReport:
    failed = receipt is not None and receipt.delivery in (Delivery.UNSENT, Delivery.DROPPED)
    return AnswerReport(
        asked="send",
        is_refused=answer.is_refused or failed,
        agent=agent.id,
        name=agent.name,
        text=answer.text,
        intent=answer.intent,
        delivery=receipt.delivery if receipt else None,
        proof=receipt.proof if receipt else "",
    )


def _print(report: AnswerReport, as_json: bool) -> None:
    if as_json:
        print_json(report)
    elif not report.is_refused:
        told = f"{report.delivery or 'asked'} {report.proof}".strip()
        click.echo(one_line(f"{report.name}: {told}"))
    if report.is_refused:
        why = report.proof if report.delivery else report.text
        problem(f"{report.name}: prompt {report.delivery or 'refused'}: {why}")
