"""Real CLIs under our supervisor, led through a seeded script; what they did and what was said."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from command_center.domain.intents import Launch
from command_center.domain.model import Agent, State
from tests.agents.clis import INSTALLED
from tests.center import Center, summary
from tests.gitrepo import IDENTITY, make_repository
from tests.scripted.server import ScriptedModel
from tests.truth.driver import Driver
from tests.truth.eyes import Eyes, Observer
from tests.truth.kinds import Cli, Kind, drawn
from tests.truth.score import Score, judge
from tests.truth.timeline import Timeline
from tests.truth.turns import play


@dataclass(slots=True)
class Verdicts:
    """Of one CLI's agents: how right we were, and others by name."""

    cli: Cli
    ours: Score = field(default_factory=Score)
    others: dict[str, Score] = field(default_factory=dict)
    played: list[Kind] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    """Seconds from the last byte of a turn until the CLI's own screen was at rest."""
    problems: list[str] = field(default_factory=list)
    """Turns that could not be played to their end; the agent was left alone from there on."""


async def trial(
    clis: Sequence[Cli],
    others: list[Observer],
    *,
    each: int,
    seconds: float,
    seed: int,
    keep: bool = False,
) -> list[Verdicts]:
    """`each` agents of every CLI get turns for `seconds` after their first one.

    `keep` leaves the folder with the event log and the model server's log, and says where.
    """
    # Outside /tmp, where CLIs' sandboxes may write.
    root = Path(tempfile.mkdtemp(dir=INSTALLED.resolve(), prefix="truth-"))
    try:
        with ScriptedModel(log=root / "requests.jsonl") as model:
            return await _supervised(root, model, clis, others, (each, seconds, seed))
    finally:
        if keep:
            print(f"kept: {root}")  # noqa: T201
        else:
            shutil.rmtree(root, ignore_errors=True)


async def _supervised(
    root: Path,
    model: ScriptedModel,
    clis: Sequence[Cli],
    others: list[Observer],
    plan: tuple[int, float, int],
) -> list[Verdicts]:
    each, seconds, seed = plan
    repo = make_repository(root)
    environ = dict(IDENTITY)
    for cli in clis:
        environ |= cli.case.environ(root / "user", model.url, repo) | dict(cli.environ)
    center = Center(root / "home", repo, environ)
    try:
        center.start_supervisor()
        return await _observed(Scene(center, model, seconds, seed), clis, others, each)
    finally:
        center.close()


class Scene(NamedTuple):
    center: Center
    model: ScriptedModel
    seconds: float
    seed: int


async def _observed(
    scene: Scene, clis: Sequence[Cli], others: list[Observer], each: int
) -> list[Verdicts]:
    eyes = Eyes(scene.center, others)
    watching = asyncio.create_task(eyes.run())
    verdicts = [Verdicts(cli) for cli in clis]
    leading = (_led(scene, eyes, of_cli, n) for of_cli in verdicts for n in range(each))
    try:
        await asyncio.gather(*leading)
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await eyes.close()
    return verdicts


async def _led(scene: Scene, eyes: Eyes, verdicts: Verdicts, number: int) -> None:
    """One agent from its launch until the time is up, and what was said of it."""
    cli = verdicts.cli
    prompt = f"SM[slow:5,0.2 ;; say:Ready.]SM {cli.name} {number}"
    order = Launch(
        cli.name, str(scene.center.repo), prompt, mode=cli.case.mode, trusts_repo=cli.case.trusts
    )
    answer = await scene.center.answer(order)
    assert not answer.is_refused, answer.text
    driver = Driver(scene.center, scene.model, eyes, cli, answer.agent)
    turns = drawn(scene.seed, number, cli)
    kind: Kind | None = None
    turn_began = time.time()
    try:
        await driver.launched_with(prompt)
        deadline = time.time() + scene.seconds
        while time.time() < deadline:
            kind, chance = next(turns)
            turn_began = time.time()
            await play(driver, kind, chance)
            verdicts.played.append(kind)
        end = time.time()
    except (TimeoutError, AssertionError) as error:
        end = turn_began
        verdicts.problems.append(f"{kind}: {error or 'stuck'}; {summary(scene.center.fleet)}")
    finally:
        await driver.close()
    verdicts.lags += driver.lags()
    _judge(verdicts, Timeline(driver.marks(), end), eyes, scene.center.fleet.agents[answer.agent])


def _judge(verdicts: Verdicts, timeline: Timeline, eyes: Eyes, agent: Agent) -> None:
    judge(verdicts.ours, agent.name, timeline, eyes.ours[agent.id])
    for name, samples in eyes.theirs.items():
        score = verdicts.others.setdefault(name, Score())
        if all(sample.said is State.UNKNOWN for sample in samples[agent.id]):
            continue
        judge(score, agent.name, timeline.without(State.EXITED), samples[agent.id])
