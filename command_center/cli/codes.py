"""Exit codes; `docs/cli.md` has the table."""

from command_center.domain.errors import NotFound, SupervisorUnreachable, TmuxUnreachable

OK = 0
REFUSED = 1
"""Somebody said no, or something is wrong."""
USAGE = 2
NOT_FOUND = 3
UNREACHABLE = 4
"""The supervisor or tmux did not answer in time."""


def code_of(error: Exception) -> int:
    if isinstance(error, NotFound):
        return NOT_FOUND
    if isinstance(error, SupervisorUnreachable | TmuxUnreachable):
        return UNREACHABLE
    return REFUSED
