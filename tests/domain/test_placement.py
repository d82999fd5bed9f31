from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain.placement import (
    Nursery,
    Placement,
    Standing,
    Worker,
    misfit,
    placements,
)
from command_center.domain.task_life import Tasks
from command_center.domain.tasks import Brief, Conversation, Life, Task

KEPT = Conversation.KEPT


def queued(*briefs: Brief) -> Tasks:
    tasks = (Task(f"T{n}", brief, float(n), life=Life.QUEUED) for n, brief in enumerate(briefs, 1))
    return {task.id: task for task in tasks}


def brief(title: str = "x", **more: object) -> Brief:
    return replace(Brief(title, "repo"), **more)


def worker(name: str, **more: object) -> Worker:
    return replace(Worker(name, name, "demo", "repo", 0.0), **more)


def pairs(*found: Placement | Standing) -> list[tuple[str, str]]:
    return [(word.task, word.agent) for word in found if isinstance(word, Placement)]


def reason(tasks: Tasks, *workers: Worker, nurseries: tuple[Nursery, ...] = ()) -> str:
    [word] = placements(tasks, workers, nurseries)
    return word.reason


def test_who_knows_the_files_is_preferred_and_the_reason_says_so() -> None:
    tasks = queued(brief(touches=("src/*.py",)))
    knowing = worker("bob", touched=frozenset({"src/a.py", "src/b.py"}), since=9.0)
    assert pairs(*placements(tasks, [worker("ada"), knowing])) == [("T1", "bob")]
    assert reason(tasks, worker("ada"), knowing) == "it worked on src/a.py and 1 more"


def test_of_equals_the_one_that_has_been_idle_longest_goes_first() -> None:
    free = [worker("ada", since=5.0), worker("bob", since=3.0)]
    assert pairs(*placements(queued(brief()), free)) == [("T1", "bob")]
    assert reason(queued(brief()), *free) == "it has been idle the longest"


def test_no_agent_gets_two_tasks() -> None:
    tasks = queued(brief(), brief(), brief())
    found = placements(tasks, [worker("ada"), worker("bob")])
    assert pairs(*found) == [("T1", "ada"), ("T2", "bob")]
    assert found[2] == Standing("T3", "no idle agent fits")


def test_a_task_waits_for_what_it_needs() -> None:
    tasks = queued(brief(), brief(needs=("T1", "T9")))
    assert placements(tasks, [worker("ada"), worker("bob")])[1] == Standing(
        "T2", "waits for T1, T9"
    )
    tasks["T1"] = replace(tasks["T1"], life=Life.REVIEW)
    tasks["T2"] = replace(tasks["T2"], brief=brief(needs=("T1",)))
    assert pairs(*placements(tasks, [worker("ada")])) == [("T2", "ada")]


def test_priority_goes_first_then_the_one_behind_which_most_waits() -> None:
    tasks = queued(brief(), brief(), brief(needs=("T2",)), brief(priority=1))
    found = placements(tasks, [worker("ada"), worker("bob")])
    assert pairs(*found) == [("T4", "ada"), ("T2", "bob")]


def test_a_kept_conversation_needs_room_and_prefers_more_of_it() -> None:
    tasks = queued(brief(conversation=KEPT))
    full, half, free = (
        worker(name, context_free=share) for name, share in (("a", 0.1), ("b", 0.5), ("c", 0.9))
    )
    assert pairs(*placements(tasks, [full, half, free])) == [("T1", "c")]
    assert reason(tasks, half) == "50% of its context is free"
    assert "context" in misfit(tasks["T1"], full)
    assert misfit(queued(brief())["T1"], full) == ""


def test_what_was_asked_for_rules_out_the_others() -> None:
    wanted = queued(brief(spec="claude"), brief(niche="frontier"), replace(brief(), repo="other"))
    found = placements(wanted, [worker("ada")])
    assert pairs(*found) == []
    assert "demo, not claude" in misfit(wanted["T1"], worker("ada"))


def test_nobody_without_quota_is_asked_and_less_quota_comes_later() -> None:
    tasks = queued(brief())
    some = [worker("out", quota_free=0.0), worker("low", quota_free=0.1), worker("high")]
    assert pairs(*placements(tasks, some)) == [("T1", "high")]
    assert pairs(*placements(tasks, some[:2])) == [("T1", "low")]
    assert reason(tasks, some[1]) == "10% of its quota is left"


def test_the_cheaper_of_two_equals_is_taken() -> None:
    some = [worker("dear", price=75.0), worker("cheap", price=2.0, since=9.0)]
    assert pairs(*placements(queued(brief()), some)) == [("T1", "cheap")]
    assert reason(queued(brief()), *some) == "its model is cheaper"
    assert reason(queued(brief()), some[0]) == "it has been idle the longest"


def test_a_new_agent_is_launched_only_when_no_idle_one_fits_and_there_is_room() -> None:
    tasks = queued(brief(), brief(), brief())
    found = placements(tasks, [worker("ada")], [Nursery("demo", "repo", 1, why_none="full")])
    assert [(w.task, w.agent, w.spec) for w in found if isinstance(w, Placement)] == [
        ("T1", "ada", "demo"),
        ("T2", "", "demo"),
    ]
    assert isinstance(found[2], Standing)


def test_why_no_agent_is_launched_is_told() -> None:
    full = Nursery("demo", "repo", 0, why_none="only 0.3 GiB of memory are free")
    assert reason(queued(brief()), nurseries=(full,)) == "only 0.3 GiB of memory are free"


def test_an_experiment_whose_command_is_known_takes_no_agent() -> None:
    tasks = queued(brief(run="python train.py"), brief())
    found = placements(tasks, [worker("ada"), worker("bob")])
    assert pairs(*found) == [("T2", "ada")]
    assert found[0].reason == "needs no agent: x or `acc task run` starts its runs"


def test_a_held_task_is_not_handed_out() -> None:
    tasks = queued(brief())
    tasks["T1"] = replace(tasks["T1"], is_held=True)
    assert placements(tasks, [worker("ada")]) == []


@given(st.integers(0, 12), st.integers(0, 6))
def test_the_order_of_the_workers_changes_nothing(many: int, idle: int) -> None:
    tasks = queued(*(brief(priority=n % 3) for n in range(many)))
    workers = [worker(f"w{n}", since=float(n % 2)) for n in range(idle)]
    found = placements(tasks, workers)
    assert placements(tasks, workers[::-1]) == found
    assert len(pairs(*found)) == min(many, idle)
