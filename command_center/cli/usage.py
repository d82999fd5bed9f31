"""`acc usage`: what the agents spent."""

from collections.abc import Callable

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.reports import UsageReport
from command_center.cli.spending import Owned, Spent, first_day, spent_by_agents
from command_center.domain.model import Fleet

_HEAD = ("INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "TOTAL", "MONEY")
_FORMER = "(removed)"


def _repo(fleet: Fleet, owned: Owned) -> str:
    agent, _ = owned
    if agent is None:
        return _FORMER
    repo = fleet.repos.get(agent.order.repo)
    return repo.root if repo else agent.order.repo


_NAMES: dict[str, Callable[[Fleet, Owned], str]] = {
    "agent": lambda _, owned: owned[0].name if owned[0] else _FORMER,
    "spec": lambda _, owned: owned[1].by[2],
    "model": lambda _, owned: owned[1].by[3],
    "day": lambda _, owned: owned[1].by[4] or "unknown",
    "repo": _repo,
}


@click.command()
@click.option(
    "--by",
    type=click.Choice(list(_NAMES)),
    default="agent",
    show_default=True,
    help="What the sums are told apart by.",
)
@click.option(
    "--since",
    type=click.IntRange(min=1, max=36500),
    metavar="DAYS",
    help="Only the last DAYS days; 1 is today.",
)
@as_json
def usage(by: str, since: int | None, as_json: bool) -> None:
    """Show what the agents spent.

    Money is what the tokens would cost at the providers' list prices.
    """
    with Desk() as desk:
        fleet = desk.fleet
        day = first_day(since) if since else ""
        sums, whole = dict[str, Spent](), Spent()
        for owned in spent_by_agents(desk.places, fleet, day):
            sums.setdefault(_NAMES[by](fleet, owned), Spent()).add(owned[1])
            whole.add(owned[1])
    if as_json:
        for name, spent in sorted(sums.items()):
            print_json(UsageReport(by, name, spent.report))
    elif sums:
        rows = [_row(name, spent) for name, spent in sorted(sums.items())]
        print_table((by.upper(), *_HEAD), [*rows, *([_row("total", whole)] if rows[1:] else [])])
    else:
        click.echo("acc: nothing was counted; see docs/usage.md for what each CLI tells", err=True)


def _row(name: str, spent: Spent) -> tuple[str, ...]:
    tokens = spent.tokens
    kinds = (tokens.input, tokens.output, tokens.cache_read, tokens.cache_write, tokens.total)
    return (name, *(f"{count:,}" for count in kinds), spent.shown_money)
