import pytest
from msgspec.structs import replace

from command_center.domain.model import (
    Agent,
    Delivery,
    Diff,
    Fleet,
    Order,
    Phase,
    Receipt,
    State,
)
from command_center.domain.tasks import Brief, Life, Task
from command_center.domain.workers import why_not_free, why_not_offered

ADA = Agent(
    "ada-1",
    "ada",
    Order("demo", "r", "b", "HEAD", "/w"),
    0.0,
    Phase.LIVE,
    state=State.IDLE,
    receipts=(Receipt("p1", "x", 0.0, Delivery.FINISHED),),
)


def fleet(**more: object) -> Fleet:
    task = Task("T1", Brief("x", "r"), 0.0, agent="ada-1", prompt="p1", life=Life.REVIEW)
    return Fleet(agents={"ada-1": ADA}, tasks={"T1": replace(task, **more)})


def test_an_idle_agent_is_free_and_offered() -> None:
    assert why_not_free(Fleet(), ADA) == ""
    assert why_not_offered(Fleet(), ADA) == ""


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        (replace(ADA, state=State.WAITING), "ada is waiting"),
        (replace(ADA, phase=Phase.STOPPING), "ada is idle"),
        (replace(ADA, receipts=(Receipt("p2", "x", 0.0),)), "ada has a prompt to take first"),
        (replace(ADA, diff=Diff(uncommitted=1)), "ada has uncommitted work; commit it first"),
    ],
)
def test_who_is_not_free_has_a_reason(agent: Agent, why: str) -> None:
    assert why_not_free(Fleet(), agent) == why


def test_an_agent_with_a_task_is_not_free() -> None:
    assert why_not_free(fleet(life=Life.CHECK), ADA) == "ada is at work on T1"
    assert why_not_free(fleet(life=Life.CHECK, is_held=True), ADA) == ""


def test_who_did_something_unseen_is_offered_only_when_that_was_a_task() -> None:
    unseen = replace(ADA, is_unseen=True)
    assert "have not looked at" in why_not_offered(Fleet(), unseen)
    assert why_not_offered(fleet(), unseen) == ""


def test_a_reserved_agent_is_never_offered() -> None:
    assert why_not_offered(fleet(), replace(ADA, order=replace(ADA.order, tags=("reserved",)))) == (
        "ada is reserved"
    )
