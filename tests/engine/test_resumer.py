"""When a limited agent goes on: by a clock and dice of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Order, Source, State
from command_center.domain.places import Places
from command_center.drivers.tmux import TmuxServer
from command_center.engine.core import Engine
from command_center.engine.resumer import Resumer
from command_center.store.log import EventLog
from command_center.store.settings import Settings

SPEC = """
id = "patient"
name = "Patient"
binary.names = ["sh"]
launch.argv = ["${binary}"]
limit = { prompt = "go on", grace_s = 100 }
"""
NOON = 1_800_000_000.0
LIMIT = NOON + 3601
ORDER = Order("patient", "r", "b", "HEAD", "/w", comes_back=True)


class House:
    def __init__(self, home: Path) -> None:
        self.places = Places.of({"COMMAND_CENTER_HOME": str(home)}, home)
        file = self.places.config / "agents" / "patient.toml"
        file.parent.mkdir(parents=True)
        file.write_text(SPEC, "utf-8")
        self.now = NOON
        self.rolled: list[tuple[float, float]] = []
        self.start()
        self.record(
            ev.LaunchIntended("a", "ada", "l", ORDER),
            ev.PaneOpened("a", "l", "%1"),
            ev.ProcessStarted("a", "l", 77, "start"),
        )

    def start(self) -> None:
        """As another supervisor would, from the log alone."""
        self.log = EventLog(self.places.log)
        tmux = TmuxServer("cc-test-never-started")
        self.engine = Engine(
            self.places, self.log, tmux, settings=Settings(), environ={}, clock=lambda: self.now
        )
        self.resumer = Resumer(self.engine, self.roll)

    def roll(self, least: float, most: float) -> float:
        self.rolled.append((least, most))
        return 7.0

    def restart(self) -> None:
        self.log.close()
        self.start()

    def record(self, *events: ev.Event) -> None:
        self.engine.record(*events)

    def limit(self, until: float) -> None:
        self.say(State.LIMITED, until)

    def say(self, state: State, until: float = 0.0) -> None:
        claim = Claim(Source.OSC, state, self.now, "", until=until)
        self.record(ev.StateClaimed("a", "l", claim))

    def tick_at(self, now: float) -> None:
        self.now = now
        self.resumer.tick()
        if self.ada.state is State.LIMITED and 0 < self.ada.limited_until <= now:
            self.record(ev.LimitEnded("a", "l"))
            self.resumer.tick()

    @property
    def ada(self) -> Agent:
        return self.engine.fleet.agents["a"]

    @property
    def prompts(self) -> list[str]:
        return [receipt.text for receipt in self.ada.receipts]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.log.close()


def test_the_dice_choose_the_pause_after_limit_and_grace(house: House) -> None:
    house.limit(LIMIT)
    house.tick_at(NOON)
    assert house.rolled == [(5.0, 60.0)]
    assert house.ada.comebacks.last is not None
    assert house.ada.comebacks.last.at == LIMIT + 100 + 7


def test_a_time_told_to_the_minute_is_taken_as_its_end(house: House) -> None:
    house.limit(NOON + 3600)
    house.tick_at(NOON)
    assert house.ada.comebacks.last is not None
    assert house.ada.comebacks.last.at == NOON + 3600 + 60 + 100 + 7


def test_a_limit_that_ended_while_nobody_looked_has_its_pause_too(house: House) -> None:
    house.limit(LIMIT)
    house.tick_at(LIMIT + 50_000)
    assert house.ada.comebacks.last is not None
    assert house.ada.comebacks.last.at == LIMIT + 50_000 + 7
    assert house.prompts == []


def test_one_limit_leads_to_one_prompt_over_any_number_of_restarts(house: House) -> None:
    house.limit(LIMIT)
    for now in (NOON, LIMIT, LIMIT + 106):
        house.tick_at(now)
        house.restart()
    assert house.prompts == []
    for later in (107, 108, 500):
        house.tick_at(LIMIT + later)
        house.restart()
    assert house.prompts == ["go on"]
    assert len(house.rolled) == 1


def test_the_same_limit_told_again_leads_to_nothing(house: House) -> None:
    house.limit(LIMIT)
    house.tick_at(NOON)
    house.tick_at(LIMIT + 200)
    house.record(ev.PromptUnsent("a", house.ada.receipts[0].id, "x"))
    house.limit(LIMIT)
    house.tick_at(LIMIT + 201)
    house.tick_at(LIMIT + 900)
    assert house.prompts == ["go on"]


def test_the_next_limit_has_a_resume_of_its_own(house: House) -> None:
    house.limit(LIMIT)
    house.tick_at(NOON)
    house.tick_at(LIMIT + 200)
    house.record(ev.PromptUnsent("a", house.ada.receipts[0].id, "x"))
    house.limit(LIMIT + 18_000)
    house.tick_at(LIMIT + 300)
    house.tick_at(LIMIT + 18_200)
    assert house.prompts == ["go on", "go on"]


def test_an_agent_that_works_again_is_left_alone(house: House) -> None:
    house.limit(LIMIT)
    house.tick_at(NOON)
    house.now = LIMIT + 20
    house.say(State.BUSY)
    house.tick_at(LIMIT + 21)
    house.say(State.IDLE)
    house.tick_at(LIMIT + 500)
    assert house.prompts == []
    assert house.ada.comebacks.last is None


def test_a_prompt_that_waits_is_sent_instead_and_said_once(house: House) -> None:
    house.limit(LIMIT)
    house.record(ev.PromptQueued("a", "p", "mine"))
    for now in (NOON, LIMIT - 1, LIMIT, LIMIT + 500):
        house.tick_at(now)
    assert len(house.rolled) == 1
    assert house.prompts == ["mine"]
    assert house.ada.comebacks.last is None


def test_a_limit_without_a_known_end_is_waited_out_by_a_person(house: House) -> None:
    house.limit(0.0)
    house.tick_at(NOON + 100_000)
    assert house.ada.comebacks.last is None


def test_a_day_has_its_most_resumes(house: House) -> None:
    for number in range(4):
        end = LIMIT + number * 5_000
        house.limit(end)
        house.tick_at(end)
        house.tick_at(end + 200)
        for receipt in house.ada.receipts:
            house.record(ev.PromptUnsent("a", receipt.id, "x"))
    assert house.prompts == ["go on"] * 3
    assert house.ada.comebacks.words == "is not resumed again today (3 at most)"
