"""The entry: `acc` alone opens the dashboard, `acc COMMAND` does one thing and leaves.

A command's module is imported when the command is used, so that `acc list` stays quick.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

import click

from command_center import __version__
from command_center.cli.codes import USAGE, code_of
from command_center.cli.out import problem
from command_center.domain.errors import CommandCenterError

COMMANDS = {
    "launch": "launch:launch",
    "list": "fleet:list_agents",
    "show": "fleet:show",
    "send": "send:send",
    "answer": "answer:answer",
    "attach": "panes:attach",
    "peek": "panes:peek",
    "stop": "life:stop",
    "resume": "life:resume",
    "remove": "life:remove",
    "undo": "life:undo",
    "tag": "tag:tag",
    "plan": "plan:plan",
    "task": "task:task",
    "dispatch": "dispatch:dispatch",
    "broadcast": "broadcast:broadcast",
    "run": "run:run",
    "runs": "runs:runs",
    "machine": "machine:machine",
    "usage": "usage:usage",
    "budget": "budget:budget",
    "explain": "explain:explain",
    "log": "log:log",
    "replay": "replay:replay",
    "web": "web:web",
    "doctor": "doctor:doctor",
    "board": "board:board",
    "mcp": "mcp:mcp",
    "supervise": "supervise:supervise",
    "agent": "agent:agent",
    "train": "train:train",
    "demo": "demo:demo",
    "trust": "trust:trust",
    "completion": "completion:completion",
}
"""Name → module in this package and the click command in it."""


def leave(text: str, code: int) -> NoReturn:
    """One line on standard error, and out."""
    problem(text)
    raise click.exceptions.Exit(code)


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f"command_center.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f"did you mean `acc {near[0]}`?" if near else "see `acc --help`"
            leave(f"no command '{args[0]}'; {hint}", USAGE)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with one_line_errors():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        with one_line_errors():
            return super().invoke(ctx)


@contextmanager
def one_line_errors() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        about = error.ctx.command_path if error.ctx else "acc"
        text = error.format_message().rstrip(".")
        leave(f"{text}; see `{about} --help`", USAGE)
    except CommandCenterError as error:
        leave(str(error), code_of(error))
    except OSError as error:
        # Without a file name it is a closed pipe, which click ends quietly, or our own fault.
        if error.filename is None:
            raise
        leave(f"{error.filename}: {error.strerror}", code_of(error))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="command-center")
@click.option("--layout", default="", metavar="NAME", help="What the dashboard shows.")
@click.option("--theme", default="", metavar="NAME", help="Its colours; 'terminal' for your own.")
@click.pass_context
def main(ctx: click.Context, layout: str, theme: str) -> None:
    """Run a fleet of coding agents. Without a command: open the dashboard."""
    if ctx.invoked_subcommand is None:
        from command_center.cli.dashboard import open_dashboard

        ctx.exit(open_dashboard(layout, theme))
    if layout or theme:
        raise click.UsageError("--layout and --theme are for the dashboard, not for a command")


if __name__ == "__main__":
    main(prog_name="acc")
