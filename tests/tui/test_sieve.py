"""Whom the list shows, what stands together, and where the cursor can stop."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain.layouts import Group
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.tasks import Brief, Task
from command_center.tui.offers import offers
from command_center.tui.rows import AgentRow, GroupRow, rows, stop_of
from command_center.tui.sieve import ALL, Sieve, Standing, group_of, regrouped, task_of
from tests.tui.list_app import agent, fleet_of

BUSY = agent("busy", task="Fix it")
WAITING = agent("waiting", State.WAITING, task="Fix it")
DONE = agent("done", State.IDLE, unseen=True, task="Write it")
IDLE = agent("idle", State.IDLE, repo="api")
PARKED = agent("parked", State.PARKED, repo="api")
FLEET = fleet_of(BUSY, WAITING, DONE, IDLE, PARKED)


def tagged(name: str, *tags: str, state: State = State.BUSY) -> Agent:
    one = agent(name, state)
    return replace(one, order=replace(one.order, tags=tags))


def names(fleet: Fleet, sieve: Sieve) -> set[str]:
    return {row.agent.name for row in rows(fleet, sieve, {}, {}) if isinstance(row, AgentRow)}


def heads(fleet: Fleet, sieve: Sieve) -> list[GroupRow]:
    return [row for row in rows(fleet, sieve, {}, {}) if isinstance(row, GroupRow)]


@pytest.mark.parametrize(
    ("standings", "shown"),
    [
        ({Standing.BUSY}, {"busy"}),
        ({Standing.WAITING}, {"waiting"}),
        ({Standing.NEEDS_ME}, {"waiting", "done"}),
        ({Standing.IDLE}, {"done", "idle"}),
        ({Standing.BUSY, Standing.IDLE}, {"busy", "done", "idle"}),
        (set(), {"busy", "waiting", "done", "idle", "parked"}),
    ],
)
def test_sets_of_states_let_any_of_them_through(standings: set[Standing], shown: set[str]) -> None:
    assert names(FLEET, Sieve(standings=frozenset(standings))) == shown


def test_filters_of_different_kinds_must_all_hold() -> None:
    idle = frozenset({Standing.IDLE})
    assert names(FLEET, Sieve(standings=idle, repo="shop")) == {"done"}
    assert names(FLEET, Sieve(standings=idle, task="Write it", needle="done")) == {"done"}
    assert names(FLEET, Sieve(standings=idle, task="Fix it")) == set()


def test_a_tag_filters_and_the_text_filter_finds_it() -> None:
    fleet = fleet_of(tagged("a", "api", "v2"), tagged("b", "web"))
    assert names(fleet, Sieve(tag="v2")) == {"a"}
    assert names(fleet, Sieve(needle="web")) == {"b"}


def test_clearing_takes_every_filter_away_and_nothing_else() -> None:
    busy = frozenset({Standing.BUSY})
    full = Sieve("x", busy, "shop", "Fix it", "v2", True, Group.TAG, frozenset({"k"}))
    assert full.cleared == Sieve(shows_hidden=True, group=Group.TAG, folded=frozenset({"k"}))
    assert full.is_filtering
    assert not full.cleared.is_filtering


def test_grouping_turns_through_every_way_and_back() -> None:
    sieve, seen = ALL, list[Group]()
    for _ in Group:
        sieve = regrouped(sieve)
        seen.append(sieve.group)
    assert set(seen) == set(Group)
    assert sieve.group is ALL.group


def test_groups_by_state_stand_in_the_order_of_their_urgency() -> None:
    found = [head.name for head in heads(FLEET, Sieve(group=Group.STATE))]
    assert found == ["waiting", "idle", "busy", "parked"]


def test_groups_by_tag_take_the_first_tag_and_leave_the_untagged_last() -> None:
    fleet = fleet_of(agent("c"), tagged("b", "web", "api"), tagged("a", "api"))
    assert [(h.name, h.agents) for h in heads(fleet, Sieve(group=Group.TAG))] == [
        ("api", 1),
        ("web", 1),
        ("no tag", 1),
    ]


def test_a_head_line_counts_states_and_names_who_needs_the_user() -> None:
    [fix, *_] = heads(FLEET, Sieve(group=Group.TASK))
    assert (fix.name, fix.needing) == ("Fix it", ("waiting",))
    assert dict(fix.counts) == {State.BUSY: 1, State.WAITING: 1}


def test_an_agent_belongs_to_the_newest_task_it_was_given() -> None:
    tasks = {
        name: Task(name, Brief(title), 0.0, agent="busy")
        for name, title in (("T2", "Old"), ("T10", "New"))
    }
    assert task_of(BUSY, replace(FLEET, tasks=tasks)) == "New"
    assert task_of(BUSY, FLEET) == "Fix it"


def test_a_folded_group_is_one_line_on_which_the_cursor_stops() -> None:
    key, _ = group_of(BUSY, Group.REPOSITORY, FLEET)
    found = rows(FLEET, Sieve(folded=frozenset({key})), {}, {})
    assert [row.agent.name for row in found if isinstance(row, AgentRow)] == ["idle", "parked"]
    folded, api = (row for row in found if isinstance(row, GroupRow))
    assert (folded.agents, folded.needing) == (3, ("waiting", "done"))
    assert stop_of(folded)
    assert not stop_of(api)


@given(st.sampled_from(Group), st.sets(st.sampled_from(list(FLEET.agents))))
def test_every_agent_is_in_one_group_whether_folded_or_not(group: Group, folded: set[str]) -> None:
    keys = frozenset(group_of(FLEET.agents[name], group, FLEET)[0] for name in folded)
    found = rows(FLEET, Sieve(group=group, folded=keys), {}, {})
    shown = sum(isinstance(row, AgentRow) for row in found)
    hidden = sum(row.agents for row in found if isinstance(row, GroupRow) and row.is_folded)
    assert shown + hidden == len(FLEET.agents)


def test_stops_of_different_lines_differ() -> None:
    key, _ = group_of(BUSY, Group.REPOSITORY, FLEET)
    found = rows(FLEET, Sieve(folded=frozenset({key})), {}, {})
    stops = [stop for stop in map(stop_of, found) if stop]
    assert len(set(stops)) == len(stops) == 3


def test_every_filter_that_is_offered_does_what_it_says() -> None:
    fleet = fleet_of(tagged("a", "api"), BUSY, WAITING, IDLE)
    for offer in offers(fleet, ALL, WAITING):
        assert len(names(fleet, offer.turned)) == offer.agents, offer.label
        [again] = [o for o in offers(fleet, offer.turned, WAITING) if o.key == offer.key]
        assert again.is_on
        assert again.turned == ALL


def test_offered_filters_have_keys_of_their_own() -> None:
    fleet = fleet_of(*(tagged(f"a{n}", f"t{n}") for n in range(12)), IDLE)
    keys = [offer.key for offer in offers(fleet, ALL, IDLE)]
    assert len(keys) == len(set(keys))
