import msgspec
import pytest
from hypothesis import assume, given, settings, strategies as st
from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Delivery, Fleet, Phase, Source, State, Times
from command_center.domain.receipts import KEPT_RECEIPTS
from command_center.domain.reduce import KEPT_ANSWERS, KEPT_NOTICES, reduce, replay
from tests.strategies import (
    EVENT_KINDS,
    LAUNCHED,
    ORDER,
    events,
    histories,
    recorded,
    structs,
)

FORWARD = {
    Delivery.QUEUED: 0,
    Delivery.HELD: 0,
    Delivery.TYPING: 1,
    Delivery.TYPED: 2,
    Delivery.ACCEPTED: 3,
    Delivery.FINISHED: 4,
    Delivery.UNSENT: 4,
    Delivery.DROPPED: 4,
}


def fleet_after(*happened: ev.Event) -> Fleet:
    return replay(recorded((*LAUNCHED, *happened)))


def ada_after(*happened: ev.Event) -> Agent:
    return fleet_after(*happened).agents["a"]


def says(state: State, at: float, source: Source = Source.HOOKS, launch: str = "a") -> ev.Event:
    return ev.StateClaimed("a", launch, Claim(source, state, at))


RUNNING = (ev.PaneOpened("a", "a", "%1"), ev.ProcessStarted("a", "a", 77, "start"))


@given(st.lists(events, max_size=40))
def test_any_sequence_of_events_makes_a_fleet(happened: list[ev.Event]) -> None:
    assert replay(recorded(happened)).seq == len(happened)


@given(histories)
def test_the_sequence_number_follows_every_record(history: list[ev.Record]) -> None:
    fleet = Fleet()
    for record in history:
        fleet = reduce(fleet, record)
        assert fleet.seq == record.seq


@given(histories, st.integers(min_value=0))
def test_a_replay_may_be_interrupted_anywhere(history: list[ev.Record], cut: int) -> None:
    cut %= len(history) + 1
    assert replay(history[cut:], replay(history[:cut])) == replay(history)


@pytest.mark.parametrize("kind", EVENT_KINDS)
@settings(max_examples=20)
@given(data=st.data())
def test_an_older_fleet_never_changes(kind: type[ev.Event], data: st.DataObject) -> None:
    fleet = fleet_after(*RUNNING, ev.AgentRemoved("b", {"ref": "kept"}), ev.IntentDone("a"))
    before = msgspec.msgpack.encode(fleet)
    reduce(fleet, ev.Record(fleet.seq + 1, 0.0, data.draw(structs(kind))))
    assert msgspec.msgpack.encode(fleet) == before


@given(histories)
def test_a_fleet_survives_its_wire_form(history: list[ev.Record]) -> None:
    fleet = replay(history)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(fleet), type=Fleet) == fleet


@given(histories)
def test_what_is_kept_has_a_limit(history: list[ev.Record]) -> None:
    fleet = replay(history)
    assert len(fleet.notices) <= KEPT_NOTICES
    assert len(fleet.answers) <= KEPT_ANSWERS


def test_the_newest_answers_and_notices_are_kept() -> None:
    done = [ev.IntentDone(f"i{n}") for n in range(KEPT_ANSWERS + 5)]
    noticed = [ev.Noticed(f"n{n}") for n in range(KEPT_NOTICES + 5)]
    fleet = fleet_after(*done, *noticed)
    assert list(fleet.answers) == [f"i{n}" for n in range(5, KEPT_ANSWERS + 5)]
    assert [n.text for n in fleet.notices] == [f"n{n}" for n in range(5, KEPT_NOTICES + 5)]


@given(
    histories,
    st.one_of(
        structs(ev.ProcessStarted),
        structs(ev.ProcessEnded),
        structs(ev.PaneOpened),
        structs(ev.PaneVanished),
        structs(ev.StateClaimed),
        structs(ev.ClaimWithdrawn),
    ),
)
def test_words_about_an_older_launch_are_ignored(
    history: list[ev.Record],
    word: ev.ProcessStarted
    | ev.ProcessEnded
    | ev.PaneOpened
    | ev.PaneVanished
    | ev.StateClaimed
    | ev.ClaimWithdrawn,
) -> None:
    fleet = replay([*history, *recorded([ev.ResumeIntended("a", "newest")], len(history))])
    after = reduce(fleet, ev.Record(fleet.seq + 1, 1.0, replace(word, launch="older")))
    assert after.agents.keys() == fleet.agents.keys()
    for agent in set(fleet.agents) - {word.agent}:
        assert after.agents[agent] is fleet.agents[agent]
    if (ada := fleet.agents.get("a")) is not None and word.agent == "a":
        assert replace(after.agents["a"], source=None) == replace(ada, source=None)


@given(histories)
def test_a_receipt_only_moves_forward(history: list[ev.Record]) -> None:
    fleet = Fleet()
    for record in history:
        before, fleet = fleet, reduce(fleet, record)
        if isinstance(record.event, ev.LaunchIntended | ev.AgentAdopted | ev.RemovalUndone):
            continue
        for name, agent in fleet.agents.items():
            for receipt in before.agents[name].receipts:
                now = agent.receipt(receipt.id)
                assert now is None or FORWARD[now.delivery] >= FORWARD[receipt.delivery]


@given(st.lists(structs(ev.PromptFinished) | structs(ev.PromptTyped), max_size=60))
def test_a_prompt_under_way_is_never_forgotten(
    happened: list[ev.PromptFinished | ev.PromptTyped],
) -> None:
    queued = [ev.PromptQueued("b", f"p{n}", "text") for n in range(2 * KEPT_RECEIPTS)]
    mixed: list[ev.Event] = []
    for n, prompt in enumerate(queued):
        mixed.append(prompt)
        if n < len(happened):
            mixed.append(replace(happened[n], agent="b", prompt=f"p{n}"))
    over = {e.prompt for e in mixed if isinstance(e, ev.PromptFinished)}
    kept = {receipt.id for receipt in fleet_after(*mixed).agents["b"].receipts}
    assert {prompt.prompt for prompt in queued} - over <= kept


def test_prompts_that_are_over_are_forgotten_in_the_end() -> None:
    happened: list[ev.Event] = []
    for n in range(2 * KEPT_RECEIPTS):
        happened += [ev.PromptQueued("b", f"p{n}", ""), ev.PromptFinished("b", f"p{n}", "")]
    assert len(fleet_after(*happened).agents["b"].receipts) == KEPT_RECEIPTS


def test_a_prompt_queued_twice_is_one_prompt() -> None:
    ada = ada_after(ev.PromptQueued("a", "p", "once"), ev.PromptQueued("a", "p", "twice"))
    assert [r.text for r in ada.receipts if r.id == "p"] == ["once"]


def test_an_accepted_prompt_does_not_become_typed_again() -> None:
    ada = ada_after(ev.PromptAccepted("a", "a", "hook"), ev.PromptTyped("a", "a", "late"))
    [receipt] = ada.receipts
    assert (receipt.delivery, receipt.proof) == (Delivery.ACCEPTED, "hook")


@pytest.mark.parametrize("over", [ev.PromptFinished, ev.PromptUnsent, ev.PromptDropped])
@pytest.mark.parametrize("late", [ev.PromptFinished, ev.PromptUnsent, ev.PromptDropped])
def test_a_prompt_that_is_over_stays_as_it_is(
    over: type[ev.PromptFinished | ev.PromptUnsent | ev.PromptDropped],
    late: type[ev.PromptFinished | ev.PromptUnsent | ev.PromptDropped],
) -> None:
    ended = over("a", "a", "told first")
    assert ada_after(ended, late("a", "a", "told later")) == ada_after(ended)


def test_the_first_prompt_of_a_launch_has_a_receipt() -> None:
    [receipt] = ada_after().receipts
    assert (receipt.id, receipt.text, receipt.delivery) == ("a", ORDER.prompt, Delivery.QUEUED)


@given(histories, structs(ev.AgentRemoved))
def test_an_undone_removal_brings_the_agent_back(
    history: list[ev.Record], removed: ev.AgentRemoved
) -> None:
    fleet = replay(history)
    assume("a" in fleet.agents)
    ada = fleet.agents["a"]
    gone = reduce(fleet, ev.Record(1, 1.0, replace(removed, agent="a")))
    assert "a" not in gone.agents
    back = reduce(gone, ev.Record(2, 2.0, ev.RemovalUndone("a")))
    assert "a" not in back.removals
    again = back.agents["a"]
    assert (again.phase, again.state, again.pane, again.pid) == (Phase.PARKED, State.PARKED, "", 0)
    kept = ("name", "order", "base_commit", "session", "transcript", "diff", "receipts", "notes")
    assert [getattr(again, f) for f in kept] == [getattr(ada, f) for f in kept]


def test_a_removal_that_never_was_cannot_be_undone() -> None:
    assert fleet_after(ev.RemovalUndone("nobody")).agents == fleet_after().agents


def test_a_refused_removal_leaves_the_agent_as_it_was() -> None:
    refused = ada_after(*RUNNING, ev.RemovalIntended("a"), ev.RemovalRefused("a", ("x",)))
    assert refused == ada_after(*RUNNING)


def test_a_failed_launch_leaves_a_notice_and_no_agent() -> None:
    fleet = fleet_after(ev.LaunchFailed("a", "disk full"))
    assert "a" not in fleet.agents
    assert [(n.text, n.agent, n.is_problem) for n in fleet.notices] == [("disk full", "ada", True)]


def test_a_failed_resume_leaves_the_agent_exited() -> None:
    resumed = (ev.AgentParked("a"), ev.ResumeIntended("a", "a2"))
    ada = ada_after(*RUNNING, *resumed, ev.LaunchFailed("a", "no binary", was_resume=True))
    assert (ada.state, ada.reason) == (State.EXITED, "no binary")


def test_a_resumed_agent_starts_without_old_claims() -> None:
    ada = ada_after(*RUNNING, says(State.IDLE, 5), ev.ResumeIntended("a", "a2"))
    assert (ada.state, ada.claims, ada.pane, ada.pid) == (State.STARTING, (), "", 0)


def test_a_turn_that_ends_is_unseen_until_somebody_looks() -> None:
    turn = (*RUNNING, says(State.BUSY, 5), says(State.IDLE, 6))
    assert ada_after(*turn).is_unseen
    assert not ada_after(*turn, ev.AgentSeen("a")).is_unseen


def test_a_new_turn_is_not_unseen() -> None:
    turn = (*RUNNING, says(State.BUSY, 5), says(State.IDLE, 6), says(State.BUSY, 7))
    assert not ada_after(*turn).is_unseen


def test_since_is_when_the_state_began() -> None:
    ada = ada_after(*RUNNING, says(State.BUSY, 50), says(State.BUSY, 60, Source.PUBLISHED))
    assert (ada.state, ada.since) == (State.BUSY, 50)


def test_what_an_agent_did_is_timed_by_the_edges_of_its_state() -> None:
    ada = ada_after(
        *RUNNING,
        says(State.BUSY, 100.0),
        says(State.WAITING, 130.0),
        says(State.BUSY, 135.0),
        says(State.IDLE, 145.0),
        says(State.BUSY, 245.0),
    )
    assert ada.times == Times(busy=40.0, waiting=5.0, idle=100.0)


def test_a_clock_that_jumps_back_takes_no_time_away() -> None:
    assert Times(busy=5.0).and_also(State.BUSY, -3600.0) == Times(busy=5.0)


def test_nobody_knows_how_long_a_lost_agent_worked() -> None:
    ada = ada_after(*RUNNING, says(State.BUSY, 1.0), ev.PaneVanished("a", "a"))
    assert (ada.state, ada.times) == (State.LOST, Times())


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (ev.ProcessEnded("a", "a", code=0), "finished"),
        (ev.ProcessEnded("a", "a", code=3), "exit code 3"),
        (ev.ProcessEnded("a", "a", signal=9), "killed by signal 9"),
        (ev.ProcessEnded("a", "a", problem="not found"), "not found"),
    ],
)
def test_an_ended_process_tells_how(ended: ev.ProcessEnded, reason: str) -> None:
    ada = ada_after(*RUNNING, ended)
    assert (ada.state, ada.reason, ada.pid, ada.claims) == (State.EXITED, reason, 0, ())


def test_a_vanished_pane_is_a_lost_agent_that_can_be_resumed() -> None:
    ada = ada_after(*RUNNING, ev.PaneVanished("a", "a"))
    assert ada.state is State.LOST
    assert ada.is_resumable


def test_a_parked_agent_stays_parked_when_its_pane_goes() -> None:
    ada = ada_after(*RUNNING, ev.AgentParked("a"), ev.PaneVanished("a", "a"))
    assert ada.state is State.PARKED


def test_an_agent_nobody_speaks_of_is_starting() -> None:
    ada = ada_after(*RUNNING, says(State.BUSY, 5), ev.ClaimWithdrawn("a", "a", Source.HOOKS))
    assert ada.state is State.STARTING


def test_an_answer_ends_what_the_agent_was_asked() -> None:
    ada = ada_after(ev.StopIntended("a", intent="i"), ev.IntentDone("i", agent="a"))
    assert ada.intent == ""
