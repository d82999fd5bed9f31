"""Which idle agent a task goes to follows from what is measured of plans and models."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from command_center.domain.model import Agent, Fleet, Order, Phase, Repo, State
from command_center.domain.places import Places
from command_center.domain.task_intents import AddTasks
from command_center.domain.tasks import Brief, Life, Task
from command_center.domain.usage import RateWindow, SessionSeen, Source
from command_center.drivers.tmux import TmuxServer
from command_center.engine.checker import Checker
from command_center.engine.core import Engine
from command_center.engine.dispatcher import Dispatcher
from command_center.engine.launcher import Launcher
from command_center.engine.preparer import Preparer
from command_center.engine.remover import Remover
from command_center.store.log import EventLog
from command_center.store.settings import Settings
from command_center.store.usage import UsageStore
from tests.center import ECHO_SPEC, Center
from tests.transcripts import block

pytestmark = pytest.mark.timeout(300)

LONG = 90.0
"""Seconds; agents at rest are looked at once a minute."""
USAGE = """
[usage]
format = "message-blocks"
paths = ["${config}/projects/*.jsonl"]
"""


@pytest.fixture
def config(center: Center, tmp_path: Path) -> Path:
    """The account of a CLI that tells what it spends."""
    folder = tmp_path / "config"
    (folder / "projects").mkdir(parents=True)
    head = ECHO_SPEC.replace('id = "echo"', f'id = "teller"\nconfig_dir = "{folder}"')
    center.add_spec("teller", head + USAGE)
    return folder


@pytest.fixture
def books(supervised: Center) -> Iterator[UsageStore]:
    with closing(UsageStore(supervised.places.usage)) as store:
        yield store


async def resting(center: Center, spec: str) -> Agent:
    agent = await center.launch(spec=spec)
    return await center.agent_until(agent.id, lambda a: a.state is State.IDLE)


async def test_an_account_without_quota_gets_no_task_until_its_window_begins_anew(
    config: Path, supervised: Center, books: UsageStore
) -> None:
    ada, bob = await resting(supervised, "teller"), await resting(supervised, "echo")
    source, other = Source("teller", str(config)), Source("teller", "/another")
    seen, over = SessionSeen(ada.session), time.time() + 3600
    books.note(source, seen, (RateWindow(300, 100.0, over), RateWindow(10080, 9.0, over)))
    briefs = (Brief("One"), Brief("Two", spec="teller"))
    await supervised.answer(AddTasks(briefs, str(supervised.repo)))
    await supervised.until(lambda f: f.tasks["T1"].proposed == bob.id, LONG)
    await supervised.until(lambda f: f.tasks["T2"].reason == "teller has no quota left")
    assert supervised.fleet.tasks["T2"].proposed == ""

    books.note(other, SessionSeen("s"), (RateWindow(300, 100.0, over),))
    books.note(source, seen, (RateWindow(300, 20.0, over),))
    fleet = await supervised.until(lambda f: f.tasks["T2"].proposed == ada.id, LONG)
    assert fleet.tasks["T2"].reason == "80% of its quota is left"


async def test_the_agent_with_the_cheaper_model_is_chosen(config: Path, supervised: Center) -> None:
    dear, cheap = await resting(supervised, "teller"), await resting(supervised, "teller")
    for agent, model in ((dear, "claude-opus-4-1"), (cheap, "claude-haiku-4-5")):
        told = config / "projects" / f"{agent.session}.jsonl"
        told.write_bytes(block(agent.session, session=agent.session, model=model))
    await supervised.answer(AddTasks((Brief("One"),), str(supervised.repo)))
    fleet = await supervised.until(lambda f: f.tasks["T1"].proposed == cheap.id, LONG)
    assert fleet.tasks["T1"].reason == "its model is cheaper"


async def test_a_window_that_begins_anew_is_seen_at_once(tmp_path: Path) -> None:
    places = Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path)
    now, tmux = [1000.0], TmuxServer(places.socket)
    with closing(EventLog(places.log)) as log:
        engine = Engine(places, log, tmux, settings=Settings(), environ={}, clock=lambda: now[0])
        order = Order("demo", "r", "agents/ada", "HEAD", str(tmp_path))
        ada = Agent("ada", "ada", order, 0.0, Phase.LIVE, state=State.IDLE)
        task = Task("T1", Brief("One", "r"), 0.0, life=Life.QUEUED)
        repo = Repo("r", "r", str(tmp_path), str(tmp_path))
        engine.fleet = Fleet(repos={"r": repo}, agents={"ada": ada}, tasks={"T1": task})
        engine.windows = {"demo": (RateWindow(300, 100.0, 1001.0),)}
        checker, remover = Checker(engine), Remover(engine)
        dispatcher = Dispatcher(engine, Preparer(engine, Launcher(engine), remover), checker)
        for _ in range(3):
            # Until there is nothing more to say.
            dispatcher.tick()
        assert engine.fleet.tasks["T1"].proposed == ""
        now[0] = 1001.5
        dispatcher.tick()
        assert engine.fleet.tasks["T1"].proposed == "ada"
        await engine.close()
