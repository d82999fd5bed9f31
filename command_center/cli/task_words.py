"""The options that say what a task is, and the wording they make."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import click
from click.shell_completion import CompletionItem

from command_center.cli.here import own_places, project_root
from command_center.cli.options import complete_specs
from command_center.cli.prompts import read_prompt
from command_center.domain.errors import CommandCenterError, IntentError
from command_center.domain.tasks import Conversation, Judge, TaskKind
from command_center.domain.wordings import LISTS, WORDS, Wording, worded
from command_center.store.inclusions import include
from command_center.store.templates import load_templates

F = TypeVar("F", bound=Callable[..., object])

repo_option = click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    help="A folder inside the repository.  [default: the current one]",
)
_WORDS = (
    click.option("-p", "--prompt", help="What the agent is told; `@path` brings a file along."),
    click.option("-f", "--file", type=click.Path(path_type=Path), help="Read it from FILE."),
    click.option("--kind", type=click.Choice([str(kind) for kind in TaskKind])),
    click.option("--check", metavar="COMMAND", help="It is done when this exits with 0."),
    click.option("--check-seconds", type=float, metavar="N", help="Until it is killed."),
    click.option("--returns", type=int, metavar="N", help="How often a failure goes back."),
    click.option(
        "--judge",
        type=click.Choice([str(judge) for judge in Judge]),
        help="Who says that it is done.",
    ),
    click.option("--touches", multiple=True, metavar="GLOB", help="A path that it will change."),
    click.option("--needs", multiple=True, metavar="TASK", help="What must be done before."),
    click.option("--priority", type=int, metavar="N", help="The higher, the sooner."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by."),
    click.option("--spec", shell_complete=complete_specs, help="The agent spec that it wants."),
    click.option("--niche", help="The kind of model that it wants."),
    click.option("--kept/--fresh", "is_kept", default=None, help="In which conversation."),
    click.option("--budget", metavar="AMOUNT", help="2usd, 100ktok, 30min, or several."),
    click.option("--base", metavar="REF", help="What it starts from."),
    click.option("--run", metavar="TEMPLATE|COMMAND", help="Of an experiment: what it runs."),
)


def task_options(command: F) -> F:
    """All that can be said of a task beside its title."""
    for option in reversed(_WORDS):
        command = option(command)
    return command


def said(options: Mapping[str, object]) -> Wording:
    """What was given; an option with nothing in it takes away what was there.

    Raises UsageError, OSError.
    """
    values = {name: options[name] for name in WORDS if options.get(name) is not None}
    for name in LISTS:
        if name in values and (parts := values.pop(name)):
            assert isinstance(parts, tuple)
            words = [word.strip() for part in parts for word in part.split(",")]
            values[name] = [task_id(word) if name == "needs" else word for word in words if word]
    if options["is_kept"] is not None:
        values["conversation"] = Conversation.KEPT if options["is_kept"] else Conversation.FRESH
    text, file = options["prompt"], options["file"]
    assert text is None or isinstance(text, str)
    assert file is None or isinstance(file, Path)
    if text is not None or file is not None:
        values["prompt"] = read_prompt(text, file)
    try:
        return worded(values)
    except IntentError as error:
        raise click.UsageError(str(error)) from None


def task_id(name: str) -> str:
    """`T7` of `t7` and `7`; anything else as it is."""
    number = name.upper().removeprefix("T")
    return f"T{number}" if number.isascii() and number.isdigit() else name


def with_files(prompt: str, repo: Path) -> str:
    """The prompt and the files that it names. Raises IntentError."""
    included = include(prompt, project_root(repo) or repo)
    if included.files:
        click.echo(f"acc: the prompt holds {', '.join(included.files)}", err=True)
    return included.text


def settings_of(pairs: Sequence[str]) -> dict[str, str]:
    """Of `name=value`. Raises UsageError."""
    found = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise click.UsageError(f"--set {pair}: write it as in --set file=src/x.py")
        found[name] = value
    return found


def complete_templates(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    del ctx, param
    try:
        found = load_templates(own_places()).by_name
    except CommandCenterError:
        return []
    return [CompletionItem(n, help=t.about) for n, t in found.items() if n.startswith(incomplete)]
