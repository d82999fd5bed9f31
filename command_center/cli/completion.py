"""`acc completion`: the script that teaches a shell our commands, agents and specs."""

import click
from click.shell_completion import get_completion_class

PROGRAMS = ("acc", "command-center")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    for program in PROGRAMS:
        variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
        made = kind(ctx.find_root().command, {}, program, variable)
        click.echo(made.source_template % made.source_vars())
