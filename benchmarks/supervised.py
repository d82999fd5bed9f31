"""A supervised command center of its own, in RAM where the machine has such a folder."""

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from command_center.domain.intents import Launch
from command_center.domain.model import Fleet, State
from command_center.drivers.tmux_turns import turn_file
from tests.center import Center
from tests.gitrepo import IDENTITY

_RAM = Path("/dev/shm")
_LAUNCHES_AT_ONCE = 20


@contextmanager
def ram_folder() -> Iterator[Path]:
    """Removed at the end, as far as what runs in it has ended."""
    where = _RAM if os.access(_RAM, os.W_OK) else None
    with tempfile.TemporaryDirectory("", "cc-bench-", where, ignore_cleanup_errors=True) as name:
        yield Path(name)


@asynccontextmanager
async def supervised(
    home: Path, repo: Path, env: Mapping[str, str] | None = None
) -> AsyncIterator[Center]:
    """A center whose supervisor, a process of its own, is at work."""
    center = Center(home, repo, {**os.environ, **IDENTITY, **(env or {})})
    try:
        center.start_supervisor()
        await center.until(lambda fleet: fleet.supervisor > 0)
        yield center
    finally:
        center.close()
        kill_server(center.places.socket)


async def launch_many(center: Center, count: int) -> Fleet:
    """`count` echo agents, each idle after its first start."""
    for done in range(0, count, _LAUNCHES_AT_ONCE):
        batch = min(_LAUNCHES_AT_ONCE, count - done)
        asked = [center.ask(Launch("echo", str(center.repo))) for _ in range(batch)]
        await center.until(partial(has_answered, asked), 120)
    return await center.until(lambda fleet: is_all_idle(fleet, count), 120)


def has_answered(asked: list[str], fleet: Fleet) -> bool:
    return all(intent in fleet.answers for intent in asked)


def is_all_idle(fleet: Fleet, count: int) -> bool:
    return [agent.state for agent in fleet.agents.values()] == [State.IDLE] * count


def generated_repository(folder: Path, files: int) -> Path:
    """A checkout with one commit of `files` text files of 2 KB, 50 to a folder."""
    folder.mkdir()
    run("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    line = "the quick brown fox jumps over the lazy dog, says file "
    for number in range(files):
        file = folder / f"src/m{number // 1000}/p{number // 50}/f{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}{number} in line {n}\n" for n in range(30)))
    run("git", "add", "--all", cwd=folder)
    run("git", "commit", "--quiet", "--message=first", cwd=folder)
    return folder


def clone(source: Path, target: Path) -> Path:
    """A clone with a checkout, so that it has an `origin/main`.

    Its objects are one pack, as a server sends them; a local clone would link loose ones, which
    cost git three times as much to check out.
    """
    run("git", "clone", "--quiet", "--no-local", str(source), str(target), cwd=source.parent)
    return target


def run(*argv: str, cwd: Path | None = None) -> None:
    subprocess.run(argv, cwd=cwd, env=os.environ | IDENTITY, check=True)


def kill_server(socket: str) -> None:
    """End a tmux server of ours and take its files away."""
    subprocess.run(("tmux", "-L", socket, "kill-server"), stderr=subprocess.DEVNULL, check=False)
    turn = turn_file(socket)
    for file in (turn, turn.with_name(socket)):
        file.unlink(missing_ok=True)
