"""What agents have told through our tools: parts of the union in `events`, and what they change."""

from typing import TypeAlias, assert_never

from msgspec.structs import replace

from command_center.domain.board import KEPT_POSTS, Board, Post, Progress, Reservation
from command_center.domain.prompt_events import Happening


class ProgressReported(Happening, frozen=True):
    agent: str
    text: str
    percent: int | None = None


class NotePosted(Happening, frozen=True):
    agent: str
    name: str
    text: str
    to: str = ""
    """Id of the agent it is for, whose `PromptQueued` is logged with it; empty: everybody."""


class PathsReserved(Happening, frozen=True):
    """All that the agent has reserved from now on; no patterns: nothing."""

    agent: str
    launch: str
    repo: str
    patterns: tuple[str, ...] = ()
    reason: str = ""


BoardEvent: TypeAlias = ProgressReported | NotePosted | PathsReserved


def boarded(board: Board, event: BoardEvent, at: float) -> Board:
    match event:
        case ProgressReported():
            told = Progress(event.text, at, event.percent)
            return replace(board, progress={**board.progress, event.agent: told})
        case NotePosted():
            post = Post(event.agent, event.name, at, event.text, event.to)
            return replace(board, posts=(*board.posts, post)[-KEPT_POSTS:])
        case PathsReserved():
            rest = {k: v for k, v in board.reservations.items() if k != event.agent}
            if event.patterns:
                rest[event.agent] = Reservation(
                    event.agent, event.launch, event.repo, event.patterns, at, event.reason
                )
            return replace(board, reservations=rest)
        case _:
            assert_never(event)


def without(board: Board, agent: str) -> Board:
    """The board when the agent was removed; what it wrote stays."""
    if agent not in board.progress and agent not in board.reservations:
        return board
    return replace(
        board,
        progress={k: v for k, v in board.progress.items() if k != agent},
        reservations={k: v for k, v in board.reservations.items() if k != agent},
    )
