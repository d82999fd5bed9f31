"""`acc budget`: what the work may cost, and how much of it is spent."""

import time
from collections.abc import Iterator

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json, timeout_option
from command_center.cli.out import print_json, print_table
from command_center.cli.reports import AnswerReport, BudgetReport
from command_center.domain.budgets import (
    AGENT,
    DAY,
    FLEET,
    TASK,
    Bill,
    Budget,
    Cap,
    judge,
    parse_cap,
)
from command_center.domain.errors import IntentError
from command_center.domain.intents import SetBudget
from command_center.domain.model import Fleet

WAIT = 60.0
_HEAD = ("SCOPE", "LIMIT", "SPENT", "STATE", "NOTE")

scope_argument = click.argument("scope", metavar="day|fleet|AGENT|task:ID")


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def budget(ctx: click.Context, as_json: bool) -> None:
    """Show what the work may cost, set it, or raise it.

    Prompts are held before a budget is exceeded; a warning comes at 80 %.
    """
    if ctx.invoked_subcommand is None:
        show(as_json)


def show(as_json: bool) -> None:
    with Desk() as desk:
        fleet = desk.fleet
        rows = list(_standing(desk, fleet))
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        print_table(_HEAD, [_row(row) for row in rows])
    else:
        click.echo("acc: no budget is set; `acc budget set day 20usd` sets one", err=True)


@budget.command("set")
@scope_argument
@click.argument("amount", metavar="AMOUNT|none")
@click.option("--stop/--no-stop", default=None, help="Interrupt turns when it is reached.")
@timeout_option(WAIT)
@as_json
def set_budget(scope: str, amount: str, stop: bool | None, timeout: float, as_json: bool) -> None:
    """Set what a scope may cost, such as 5usd, 200ktok, or 5usd,200ktok.

    What the fleet spends counts from the day on which its budget is set.
    """
    _ask(scope, Cap() if amount == "none" else _cap(amount), False, stop, timeout, as_json)


@budget.command("raise")
@scope_argument
@click.argument("amount")
@timeout_option(WAIT)
@as_json
def raise_budget(scope: str, amount: str, timeout: float, as_json: bool) -> None:
    """Allow so much more; what was held goes on."""
    _ask(scope, _cap(amount), True, None, timeout, as_json)


def _ask(
    word: str, cap: Cap, raises: bool, stops: bool | None, timeout: float, as_json: bool
) -> None:
    with Desk() as desk:
        scope = _scope(desk, word)
        [answer] = desk.answers(desk.ask([SetBudget(scope, cap, raises, stops)]), timeout)
        if answer.is_refused:
            raise IntentError(answer.text)
        name = _name(desk.fleet, scope)
    if as_json:
        report = AnswerReport("budget", False, agent=answer.agent, name=name, text=answer.text)
        print_json(report)
    else:
        click.echo(f"{name}: {answer.text}")


def _cap(amount: str) -> Cap:
    try:
        return parse_cap(amount)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _scope(desk: Desk, word: str) -> str:
    if word in (DAY, FLEET) or word.startswith(TASK):
        return word
    return AGENT + desk.agent(word.removeprefix(AGENT)).id


def _name(fleet: Fleet, scope: str) -> str:
    agent = fleet.agents.get(scope.removeprefix(AGENT)) if scope.startswith(AGENT) else None
    return agent.name if agent else scope


def _standing(desk: Desk, fleet: Fleet) -> Iterator[BudgetReport]:
    # Not at the top: only who looks at budgets needs the counts behind them.
    from command_center.engine.ledger import local_date, read_ledger

    budgets = [each for each in fleet.budgets.values() if each.cap and _is_shown(fleet, each)]
    if not budgets:
        return
    prices = any(each.cap.money > 0 for each in budgets)
    ledger = read_ledger(desk.places, fleet, local_date(time.time()), prices=prices)
    for each in sorted(budgets, key=lambda b: b.scope):
        bill = ledger.budgets.get(each.scope, Bill())
        yield BudgetReport(
            scope=each.scope,
            name=_name(fleet, each.scope),
            dollars=each.cap.money or None,
            tokens=each.cap.tokens or None,
            spent_dollars=bill.money if each.cap.money else None,
            spent_tokens=bill.tokens,
            unpriced=bill.unpriced,
            level=each.level,
            words=each.words if each.is_held else judge(each.cap, bill).words,
            blind=each.blind,
            since=each.since if each.scope == FLEET else "",
            stops=each.stops,
            by=each.by,
        )


def _is_shown(fleet: Fleet, budget: Budget) -> bool:
    """Those of removed agents and of tasks that are over say nothing any more."""
    if budget.scope.startswith(AGENT):
        return budget.scope.removeprefix(AGENT) in fleet.agents
    if budget.scope.startswith(TASK):
        task = fleet.tasks.get(budget.scope.removeprefix(TASK))
        return task is not None and not task.life.is_over
    return True


def _row(row: BudgetReport) -> tuple[str, ...]:
    cap = Cap(row.dollars or 0.0, row.tokens or 0)
    notes = [row.blind, "stops turns" if row.stops else "", f"since {row.since}"]
    note = "; ".join(note for note in notes if note and note != "since ")
    return row.name, str(cap), row.words, str(row.level), note
