"""Running shell commands. They start in the working folder; only the user's leave holds them."""

import shutil
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from command_center.agent.tools.ground import Ground
from command_center.agent.tools.outcome import NOTHING, Outcome, ToolProblem, counted
from command_center.agent.tools.process import run

USUAL, LONGEST = 120, 3600


class Shell(Struct, frozen=True, forbid_unknown_fields=True):
    """Run a shell command in the working folder. Nothing goes on in the background after it."""

    command: Annotated[str, Meta(min_length=1, description="For bash, or sh where it is missing.")]
    seconds: Annotated[int, Meta(ge=1, le=LONGEST, description="Time limit.")] = USUAL


async def shell(ground: Ground, told: Shell, passed: Sequence[str]) -> Outcome:
    """A command that fails is no error of the tool; its status is told."""
    if "\0" in told.command:
        raise ToolProblem("a command holds no NUL")
    argv = (shutil.which("bash") or "/bin/sh", "-c", told.command)
    try:
        ended = await run(argv, ground.root, told.seconds, passed)
    except TimeoutError as error:
        why = f"[ended after {told.seconds} s, its time limit]"
        return Outcome(f"{str(error).rstrip()}\n{why}".strip(), is_error=True, seen="out of time")
    except OSError as error:
        raise ToolProblem(f"not started: {error.strerror}") from error
    status = f"[exit status {ended.code}]"
    text = f"{ended.output.rstrip()}\n{status}" if ended.code else ended.output.rstrip()
    lines = len(ended.output.splitlines())
    seen = f"status {ended.code}" if ended.code else counted(lines, "line")
    return Outcome(text.strip() or NOTHING, is_error=ended.code != 0, seen=seen)
