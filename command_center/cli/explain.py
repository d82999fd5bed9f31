"""`acc explain`: why an agent is shown as it is, and the same as a case for the tests."""

from pathlib import Path

import click

from command_center.cli.desk import Desk
from command_center.cli.fleet import said
from command_center.cli.options import agent_argument, as_json
from command_center.cli.out import age, print_json, print_table, problem
from command_center.cli.panes import screen_of
from command_center.cli.reports import RungReport
from command_center.domain.errors import IntentError, SpecError, TmuxError
from command_center.domain.model import Agent, Source
from command_center.domain.rungs import LOOKED_BACK, Rung, past_words, rungs
from command_center.domain.text import one_line
from command_center.store.catalog import load_catalog

_HEAD = ("SOURCE", "SAYS", "AGE", "VERDICT", "EVIDENCE")


@click.command()
@agent_argument
@click.option(
    "--save",
    "file",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Write it as a case for the tests, without paths, names and keys of yours.",
)
@as_json
def explain(agent: str, file: str | None, as_json: bool) -> None:
    """Say why an agent is shown as it is.

    Every source, the most trusted first, with its last word, its age and its evidence.
    """
    with Desk() as desk:
        desk.say_if_stale()
        found = desk.agent(agent)
        records = desk.view.records(max(0, desk.fleet.seq - LOOKED_BACK))
        ladder = rungs(found, _sources(desk, found), past_words(records, found))
        if file is not None:
            click.echo(_save(desk, found, Path(file or f"{found.order.spec}-{found.state}.jsonl")))
        elif as_json:
            for rung in ladder:
                print_json(_report(found, rung))
        else:
            _print(desk, found, ladder)


def _sources(desk: Desk, agent: Agent) -> tuple[Source, ...] | None:
    repo = desk.fleet.repos.get(agent.order.repo)
    root = Path(repo.root) if repo is not None and not repo.is_bare else None
    try:
        return load_catalog(desk.places, root).spec(agent.order.spec).signals.sources
    except SpecError as error:
        problem(str(error))
        return None


def _report(agent: Agent, rung: Rung) -> RungReport:
    claim = rung.claim
    return RungReport(
        agent=agent.id,
        source=rung.source,
        state=claim.state if claim else None,
        at=claim.at if claim else 0.0,
        reason=claim.reason if claim else "",
        evidence=claim.evidence if claim else "",
        is_complete=claim.is_complete if claim else False,
        verdict=rung.verdict,
        until=claim.until if claim else 0.0,
    )


def _print(desk: Desk, agent: Agent, ladder: list[Rung]) -> None:
    source = f", said by {agent.source}" if agent.source else ""
    click.echo(one_line(f"{agent.name} is {said(agent)}{source}, for {age(agent.since)}"))
    print_table(_HEAD, [_row(rung) for rung in ladder])
    kept = sorted(desk.places.disputes.glob(f"{agent.id}-*.jsonl"))
    if kept:
        click.echo(f"{len(kept)} disputes were recorded, the last one in {one_line(str(kept[-1]))}")


def _row(rung: Rung) -> tuple[str, ...]:
    claim = rung.claim
    if claim is None:
        return (rung.source, "", "", rung.verdict, "")
    says = f"{claim.state}: {claim.reason}" if claim.reason else claim.state
    return (rung.source, says, age(claim.at), rung.verdict, claim.evidence)


def _save(desk: Desk, agent: Agent, file: Path) -> str:
    """The file's name. Never writes over one that is there."""
    import time

    from command_center.domain.cases import Scrub, case_of

    try:
        screen = screen_of(desk.places.socket, agent)
    except (IntentError, TmuxError) as error:
        problem(f"{error}; the case is saved without a screen")
        screen = []
    repo = desk.fleet.repos.get(agent.order.repo)
    scrub = Scrub.of(agent, Path.home(), repo.root if repo else "")
    about = f"{agent.source or 'nobody'} says {agent.state}; put what was so into the last line"
    case = case_of(agent, agent.claims, screen, time.time(), scrub, about)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(case)
    except OSError as error:
        raise IntentError(f"cannot write {file}: {error.strerror}; name another FILE") from None
    return str(file)
