"""Whatever is killed, whenever: nothing is lost, nothing is done twice, nothing is left over."""

import asyncio
import os
import random
import signal
from collections import Counter

import psutil
import pytest

from command_center.domain import events as ev, intents as want
from command_center.domain.intents import Intent
from command_center.domain.model import Delivery, Phase, State
from tests.center import Center
from tests.gitrepo import run_git

KILLS = 50
SEED = 20261120


class Chaos:
    """Asks for something now and then, as two impatient users would."""

    def __init__(self, center: Center, dice: random.Random) -> None:
        self._center = center
        self._dice = dice
        self.asked: dict[str, Intent] = {}
        self.sent: list[str] = []

    def ask_something(self) -> None:
        intent = self._intent()
        self.asked[self._center.ask(intent)] = intent

    def _intent(self) -> Intent:
        agents = list(self._center.fleet.agents)
        removed = list(self._center.fleet.removals)
        if len(agents) < 3 or (len(agents) < 8 and self._dice.random() < 0.3):
            self.sent.append(f"first {len(self.sent)}")
            return want.Launch("echo", str(self._center.repo), self.sent[-1])
        agent = self._dice.choice(agents)
        match self._dice.choice(["send", "send", "send", "stop", "resume", "remove", "undo"]):
            case "stop":
                return want.Stop(agent)
            case "resume":
                return want.Resume(agent)
            case "remove":
                return want.Remove(agent)
            case "undo" if removed:
                return want.Undo(self._dice.choice(removed))
            case _:
                self.sent.append(f"prompt {len(self.sent)}")
                return want.Send(agent, self.sent[-1])


@pytest.mark.timeout(400)
async def test_fifty_kills_of_the_supervisor_lose_and_double_nothing(center: Center) -> None:
    dice = random.Random(SEED)
    chaos = Chaos(center, dice)
    for _ in range(KILLS):
        supervisor = center.start_supervisor()
        # From before its first statement to well into several actions.
        moment, now = dice.uniform(0.05, 1.0), 0.0
        while now < moment:
            if dice.random() < 0.5:
                chaos.ask_something()
            step = dice.uniform(0.01, 0.2)
            now += step
            await asyncio.sleep(step)
        supervisor.kill()
        supervisor.wait()
    supervisor = center.start_supervisor()
    try:
        await center.until(lambda _: is_quiet(center), 120)
        check_intents(center, chaos)
        check_prompts(center, chaos)
        check_world(center)
    finally:
        supervisor.terminate()
        supervisor.wait()


def is_quiet(center: Center) -> bool:
    fleet = center.fleet
    settled = (Phase.LIVE, Phase.PARKED, Phase.EXITED, Phase.LOST)
    return (
        not center.inbox.waiting()
        and all(a.phase in settled and not a.intent for a in fleet.agents.values())
        and not any(removal.intent for removal in fleet.removals.values())
        and all(
            a.phase is not Phase.LIVE
            or (a.state is State.IDLE and all(r.delivery.is_over for r in a.receipts))
            for a in fleet.agents.values()
        )
    )


def check_intents(center: Center, chaos: Chaos) -> None:
    """Each was taken once and answered once."""
    taken: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for record in center.view.records():
        match record.event:
            case ev.IntentTaken(intent=intent):
                taken[intent] += 1
            case ev.IntentDone(intent=intent) | ev.IntentRefused(intent=intent):
                answered[intent] += 1
            case _:
                pass
    assert taken == Counter(dict.fromkeys(chaos.asked, 1))
    assert answered == Counter(dict.fromkeys(chaos.asked, 1))


def check_prompts(center: Center, chaos: Chaos) -> None:
    """At most once each; and whatever is called finished was really received."""
    fleet = center.fleet
    everyone = [*fleet.agents.values(), *(r.agent for r in fleet.removals.values())]
    received = Counter(
        text
        for agent in everyone
        if (center.places.agent(agent.id) / "received.jsonl").exists()
        for text in center.received(agent.id)
    )
    assert set(received) <= set(chaos.sent)
    assert [text for text, count in received.items() if count > 1] == []
    for agent in everyone:
        for receipt in agent.receipts:
            if receipt.delivery is Delivery.FINISHED:
                assert received[receipt.text] == 1, (agent.name, receipt)
            if receipt.delivery in (Delivery.QUEUED, Delivery.HELD):
                assert received[receipt.text] == 0, (agent.name, receipt)


def check_world(center: Center) -> None:
    """Git, tmux and the folders hold what the fleet says, and nothing else."""
    agents = center.fleet.agents.values()
    folders = {str(path) for path in center.places.worktrees.glob("*/*")}
    assert folders == {agent.order.worktree for agent in agents}
    known = run_git(center.repo, "worktree", "list", "--porcelain").split("\n")
    listed = {line.removeprefix("worktree ") for line in known if line.startswith("worktree ")}
    assert listed == folders | {str(center.repo)}
    branches = run_git(center.repo, "branch", "--format=%(refname:short)").split("\n")
    assert set(branches) == {"main", *(agent.order.branch for agent in agents)}
    panes = center.tmux("list-panes", "-a", "-F", "#{@acc_agent} #{pane_dead}").split("\n")
    alive = {line.split()[0] for line in panes if len(line.split()) == 2 and line.endswith(" 0")}
    assert alive == {agent.id for agent in agents if agent.phase is Phase.LIVE}


async def test_the_tmux_server_may_die_between_any_two_steps(center: Center) -> None:
    dice = random.Random(SEED)
    supervisor = center.start_supervisor()
    try:
        agents = [(await center.launch(f"task {n}")).id for n in range(3)]
        for _ in range(5):
            for agent in agents:
                center.ask(want.Send(agent, f"prompt {dice.random()}"))
            await asyncio.sleep(dice.uniform(0.0, 0.4))
            center.tmux("kill-server")
            await center.until(lambda f: all(a.is_resumable for a in f.agents.values()), 60)
            for agent in agents:
                assert not (await center.answer(want.Resume(agent))).is_refused
            await center.until(lambda f: all(a.has_process for a in f.agents.values()), 60)
        await center.until(lambda _: is_quiet(center), 90)
        for agent in agents:
            received = center.received(agent)
            assert len(received) == len(set(received))
        check_world(center)
    finally:
        supervisor.terminate()
        supervisor.wait()


async def test_a_second_supervisor_steps_back(center: Center) -> None:
    first = center.start_supervisor()
    await center.until(lambda fleet: fleet.supervisor == first.pid)
    second = center.start_supervisor()
    assert await asyncio.to_thread(second.wait, 30) == 0
    assert first.poll() is None
    first.terminate()
    first.wait()


async def test_a_killed_pty_proxy_takes_its_cli_along(center: Center) -> None:
    supervisor = center.start_supervisor()
    try:
        ada = await center.launch("hello")
        ada = await center.agent_until(ada.id, lambda a: a.state is State.IDLE)
        parent = psutil.Process(ada.pid).ppid()
        os.kill(parent, signal.SIGKILL)
        await center.agent_until(ada.id, lambda a: a.state is State.EXITED)
        await center.until(lambda _: not is_running(ada.pid))
    finally:
        supervisor.terminate()
        supervisor.wait()


def is_running(pid: int) -> bool:
    """Whether it still does anything; a zombie that nobody waits for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
