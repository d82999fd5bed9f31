"""Which tasks wait for a word of the user."""

from command_center.domain.decisions import held_up, undecided, undecided_count
from command_center.domain.model import Fleet
from command_center.domain.tasks import Brief, Life, Task


def task(number: int, life: Life = Life.QUEUED, *needs: str, **more: object) -> Task:
    made = Task(f"T{number}", Brief(f"task {number}", needs=needs), 0.0, life=life, since=number)
    fields = {name: getattr(made, name) for name in made.__struct_fields__}
    return Task(**(fields | more))


def fleet(*tasks: Task, dispatch: str = "manual") -> Fleet:
    return Fleet(tasks={task.id: task for task in tasks}, dispatch=dispatch)


def waiting_behind(task: str, tasks: dict[str, Task]) -> int:
    """One by one, the slow and plain way."""
    behind: set[str] = set()
    fresh = {task}
    while fresh:
        fresh = {
            other.id
            for other in tasks.values()
            if not other.life.is_done and not other.life.is_over and fresh & {*other.brief.needs}
        } - behind
        behind |= fresh
    return len(behind - {task})


def test_what_is_held_and_what_stands_at_review_wait_for_the_user() -> None:
    held = task(1, Life.CHECK, is_held=True)
    waiting = fleet(held, task(2, Life.REVIEW), task(3), task(4, Life.RUNNING), task(5, Life.DRAFT))
    assert [each.id for each in undecided(waiting)] == ["T1", "T2"]
    assert undecided_count(waiting) == 2


def test_a_proposed_placement_waits_only_where_the_user_confirms() -> None:
    proposed = task(1, proposed="ada")
    assert undecided(fleet(proposed, dispatch="confirm")) == [proposed]
    assert undecided(fleet(proposed, dispatch="automatic")) == []
    assert undecided(fleet(proposed)) == []


def test_what_holds_up_the_most_comes_first() -> None:
    small, large = task(1, Life.CHECK, is_held=True), task(2, Life.CHECK, is_held=True)
    waiting = fleet(small, large, task(3, Life.QUEUED, "T2"), task(4, Life.QUEUED, "T3"))
    assert [each.id for each in undecided(waiting)] == ["T2", "T1"]


def test_all_counts_at_once_are_those_of_each() -> None:
    tasks = fleet(
        task(1, Life.RUNNING),
        task(2, Life.QUEUED, "T1"),
        task(3, Life.QUEUED, "T1", "T2"),
        task(4, Life.DISCARDED, "T1"),
        task(5, Life.QUEUED, "T6"),
        task(6, Life.QUEUED, "T5"),
    ).tasks
    assert held_up(tasks) == {name: waiting_behind(name, tasks) for name in tasks}


def test_nothing_waits_behind_what_is_done() -> None:
    assert held_up(fleet(task(1, Life.REVIEW), task(2, Life.QUEUED, "T1")).tasks)["T1"] == 0
