from collections.abc import Iterable

from command_center.domain import events as ev
from command_center.domain.intents import Intent, Remove, Resume, Stop, Undo
from tests.cli.house import House, Supervising


def done(intent: str, asked: Intent) -> Iterable[ev.Event]:
    yield ev.IntentTaken(intent, type(asked).__name__)
    yield ev.IntentDone(intent, getattr(asked, "agent", ""))


def refused(intent: str, asked: Intent) -> Iterable[ev.Event]:
    assert isinstance(asked, Remove)
    losses = ("untracked: a\x1b[2Jb.txt", "unmerged commit: c0ffee work")
    yield ev.IntentTaken(intent, "Remove")
    yield ev.RemovalRefused(asked.agent, losses)
    yield ev.IntentRefused(intent, "would lose 2 things\n  untracked", asked.agent)


def test_several_agents_are_stopped_by_name(house: House) -> None:
    house.add_agent("ada")
    house.add_agent("alan")
    with Supervising(house, done) as supervising:
        result = house.run("stop", "ada", "ala")
    assert supervising.taken == [Stop("ada-1a2b"), Stop("alan-1a2b")]
    assert (result.exit_code, result.stdout) == (0, "ada stopped\nalan stopped\n")


def test_an_unknown_name_among_several_asks_for_nothing(house: House) -> None:
    house.add_agent("ada")
    result = house.run("stop", "ada", "zed")
    assert (result.exit_code, house.intents()) == (3, [])


def test_resume_asks_by_id(house: House) -> None:
    house.add_agent("ada")
    with Supervising(house, done) as supervising:
        house.run("resume", "ada")
    assert supervising.taken == [Resume("ada-1a2b")]


def test_a_branch_can_be_kept(house: House) -> None:
    house.add_agent("ada")
    with Supervising(house, done) as supervising:
        house.run("remove", "ada", "--keep-branch")
    assert supervising.taken == [Remove("ada-1a2b", keeps_branch=True)]


def test_a_refused_removal_lists_what_would_be_lost(house: House) -> None:
    house.add_agent("ada")
    with Supervising(house, refused):
        result = house.run("remove", "ada")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "acc: ada: remove refused: would lose 2 things",
        "  untracked: ab.txt",
        "  unmerged commit: c0ffee work",
    ]


def test_a_refused_removal_lists_its_losses_for_programs(house: House) -> None:
    house.add_agent("ada")
    with Supervising(house, refused):
        [row] = house.rows("remove", "ada")
    assert row["is_refused"]
    assert row["losses"] == ["untracked: a\x1b[2Jb.txt", "unmerged commit: c0ffee work"]


def test_losses_of_an_earlier_refusal_are_not_told_again(house: House) -> None:
    agent = house.add_agent("ada")
    house.write(ev.RemovalRefused(agent, ("untracked: old",)))

    def busy(intent: str, asked: Intent) -> Iterable[ev.Event]:
        del asked
        yield ev.IntentRefused(intent, "is being launched", agent)

    with Supervising(house, busy):
        result = house.run("remove", "ada")
    assert result.stderr == "acc: ada: remove refused: is being launched\n"


def test_undo_finds_the_agent_removed_last_under_a_name(house: House) -> None:
    for tail, at in (("old", 100.0), ("new", 200.0)):
        house.write(ev.AgentRemoved(house.add_agent("ada", tail=tail), {}), at=at)
    with Supervising(house, done) as supervising:
        result = house.run("undo", "ada")
        house.run("undo", "ada-old")
    assert (result.exit_code, result.stdout) == (0, "ada brought back\n")
    assert supervising.taken == [Undo("ada-new"), Undo("ada-old")]


def test_the_removed_can_be_listed(house: House) -> None:
    agent = house.add_agent("ada")
    house.write(ev.AgentRemoved(agent, {}))
    assert house.rows("list") == []
    assert [row["name"] for row in house.rows("list", "--removed")] == ["ada"]


def test_no_answer_in_time_is_a_code_of_its_own(house: House) -> None:
    house.add_agent("ada")
    result = house.run("stop", "ada", "--timeout", "0.1")
    assert (result.exit_code, result.stdout) == (4, "")
    assert house.intents() == [Stop("ada-1a2b")]
