"""`acc trust`: let a repository's own specs and commands count, after reading them."""

from pathlib import Path

import click

from command_center.cli.codes import REFUSED
from command_center.cli.here import own_places, project_root
from command_center.cli.options import as_json
from command_center.cli.out import print_json, problem
from command_center.cli.reports import TrustReport
from command_center.domain.errors import NotFound
from command_center.domain.text import one_line
from command_center.store.trust import PROJECT_FOLDER, TrustStore, content_hash


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts that know the files.")
@as_json
def trust(folder: Path, yes: bool, as_json: bool) -> None:
    """Trust a repository's own specs and commands.

    Its .command-center folder holds what will run on your machine. Changed files need trust
    anew.
    """
    own = (project_root(folder) or folder).resolve() / PROJECT_FOLDER
    if not own.is_dir():
        raise NotFound(f"{one_line(str(own))}: there is no such folder, so nothing to trust")
    store = TrustStore(own_places().trust)
    shown = content_hash(own)
    files = tuple(str(p.relative_to(own)) for p in sorted(own.rglob("*")) if p.is_file())
    is_trusted = store.trusts(own)
    if not is_trusted:
        for file in files:
            click.echo(one_line(f"{own / file}  {(own / file).stat().st_size} bytes"), err=True)
        click.echo(f"sha256 {shown}", err=True)
        is_trusted = (yes or _agrees()) and _unchanged(own, shown)
        if is_trusted:
            store.trust(own)
    if as_json:
        print_json(TrustReport(str(own), shown, files, is_trusted))
    elif is_trusted:
        click.echo(one_line(f"{own} is trusted"))
    if not is_trusted:
        click.get_current_context().exit(REFUSED)


def _agrees() -> bool:
    if click.confirm("These files hold commands that will run as you. Trust them?", err=True):
        return True
    problem("not trusted; nothing was changed")
    return False


def _unchanged(own: Path, shown: str) -> bool:
    """Whether the files are still those that were shown."""
    if content_hash(own) == shown:
        return True
    problem(f"{own}: changed while you were reading; run `acc trust` again")
    return False
