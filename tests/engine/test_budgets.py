"""Budgets hold prompts of real agents, say so, and let them go again."""

import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from command_center.domain import budget_events as bev, intents as want
from command_center.domain.budgets import Bill, Budget, Cap, Level
from command_center.domain.model import Agent, Delivery, Fleet, State
from command_center.domain.task_intents import AddTasks, SetDispatch
from command_center.domain.tasks import Allowance, Brief, Life, Task
from command_center.domain.usage import Tokens
from command_center.engine.ledger import covers, local_date, read_ledger
from tests.center import ECHO_SPEC, Center
from tests.engine.books import Books

TELLER = ECHO_SPEC.replace('id = "echo"', 'id = "teller"') + (
    '[usage]\nformat = "message-blocks"\npaths = ["${state}/none/*.jsonl"]\n'
)
TEN = Cap(tokens=10_000)


@pytest.fixture
def books(center: Center) -> Iterator[Books]:
    center.add_spec("teller", TELLER)
    books = Books(center)
    yield books
    books.close()


async def idle(center: Center, prompt: str = "hello") -> Agent:
    agent = await center.launch(prompt, spec="teller")
    return await center.agent_until(agent.id, lambda a: a.state is State.IDLE)


async def set_budget(center: Center, scope: str, cap: Cap, *, raises: bool = False) -> None:
    answer = await center.answer(want.SetBudget(scope, cap, raises))
    assert not answer.is_refused, answer.text


async def level(center: Center, scope: str, wanted: Level) -> Budget:
    def reached(fleet: Fleet) -> bool:
        return scope in fleet.budgets and fleet.budgets[scope].level is wanted

    return (await center.until(reached)).budgets[scope]


def told(center: Center, scope: str) -> list[str]:
    """What was logged of a budget, but for its setting."""
    kinds = (bev.BudgetWarned, bev.BudgetHeld, bev.BudgetReleased, bev.BudgetStopIntended)
    events = [e for record in center.view.records() if isinstance(e := record.event, kinds)]
    return [type(event).__name__ for event in events if event.scope == scope]


async def counted(center: Center) -> None:
    """Until the supervisor has judged all budgets anew: one that is spent at once says so."""
    await set_budget(center, "fleet", Cap(tokens=1))
    await level(center, "fleet", Level.HELD)
    await set_budget(center, "fleet", Cap())
    await level(center, "fleet", Level.OPEN)


async def held(center: Center, agent: Agent, why: str) -> None:
    def is_held(now: Agent) -> bool:
        last = now.receipts[-1]
        return last.delivery is Delivery.HELD and why in last.proof

    await center.agent_until(agent.id, is_held)


async def test_a_budget_warns_once_then_holds_prompts_until_it_is_raised(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    await set_budget(supervised, f"agent:{ada.id}", TEN)
    for _ in range(8):
        books.spend(ada.session)
    assert (await level(supervised, f"agent:{ada.id}", Level.WARNED)).words == (
        "8k tok of 10k tok spent"
    )
    for _ in range(3):
        books.spend(ada.session)
    await level(supervised, f"agent:{ada.id}", Level.HELD)
    supervised.ask(want.Send(ada.id, "go on"))
    await held(supervised, ada, f"the budget of {ada.name} is reached: 11k tok of 10k tok spent")
    assert supervised.received(ada.id) == ["hello"]
    await set_budget(supervised, f"agent:{ada.id}", TEN, raises=True)
    await supervised.until(lambda _: supervised.received(ada.id) == ["hello", "go on"])
    said = told(supervised, f"agent:{ada.id}")
    assert said == ["BudgetWarned", "BudgetHeld", "BudgetReleased"]
    notices = [notice.text for notice in supervised.fleet.notices]
    assert sum("is reached" in text for text in notices) == 1


async def test_a_reached_budget_does_not_disturb_a_turn_under_way(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    books.spend(ada.session, Tokens(input=1))
    await set_budget(supervised, "day", TEN)
    supervised.ask(want.Send(ada.id, "[long] turn"))
    await supervised.agent_until(ada.id, lambda a: a.state is State.BUSY)
    books.spend(ada.session, Tokens(input=20_000))
    await level(supervised, "day", Level.HELD)
    await counted(supervised)
    assert supervised.fleet.agents[ada.id].state is State.BUSY
    supervised.tmux("send-keys", "-t", ada.pane, "x")
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    assert ada.receipts[-1].delivery is Delivery.FINISHED


async def test_a_budget_that_stops_interrupts_a_turn_once(books: Books, supervised: Center) -> None:
    ada = await idle(supervised)
    books.spend(ada.session, Tokens(input=1))
    await supervised.answer(want.SetBudget("day", TEN, stops=True))
    supervised.ask(want.Send(ada.id, "[long] turn"))
    await supervised.agent_until(ada.id, lambda a: a.state is State.BUSY)
    books.spend(ada.session, Tokens(input=20_000))
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    await counted(supervised)
    assert told(supervised, "day") == ["BudgetHeld", "BudgetStopIntended"]


async def test_a_launch_with_a_prompt_is_refused_while_the_day_is_held(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    await set_budget(supervised, "day", TEN)
    books.spend(ada.session, Tokens(input=10_000))
    await level(supervised, "day", Level.HELD)
    repo = str(supervised.repo)
    refused = await supervised.answer(want.Launch("teller", repo, "work"))
    assert refused.is_refused
    assert refused.text.startswith("today's budget is reached: 10k tok of 10k tok spent")
    assert not (await supervised.answer(want.Launch("teller", repo))).is_refused


async def test_what_is_left_is_kept_for_the_turns_under_way(
    books: Books, supervised: Center
) -> None:
    ada, bob = await idle(supervised), await idle(supervised)
    supervised.ask(want.Send(bob.id, "[ask] something"))
    await supervised.agent_until(bob.id, lambda a: a.state is State.WAITING)
    for agent in (ada, bob):
        books.spend(agent.session, Tokens(input=3_000))
    await set_budget(supervised, "day", TEN)
    await counted(supervised)
    supervised.ask(want.Send(ada.id, "mine"))
    await held(supervised, ada, "what is left is kept for turns under way")
    supervised.tmux("send-keys", "-t", bob.pane, "y")
    await supervised.until(lambda _: supervised.received(ada.id)[-1] == "mine")
    assert told(supervised, "day") == []


async def test_a_model_without_a_price_is_said_loudly_and_counted_in_tokens(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    await set_budget(supervised, "day", Cap(money=0.01, tokens=50_000))
    books.spend(ada.session, Tokens(input=20_000), model="scripted-1")
    fleet = await supervised.until(lambda f: bool(f.budgets["day"].blind))
    assert fleet.budgets["day"].blind.startswith("no price is known for scripted-1")
    assert any("today's budget cannot be kept" in n.text and n.is_problem for n in fleet.notices)
    assert fleet.budgets["day"].level is Level.OPEN
    books.spend(ada.session, Tokens(input=40_000), model="scripted-1")
    await level(supervised, "day", Level.HELD)


async def test_a_budget_of_an_agent_that_tells_nothing_is_said_to_be_none(
    supervised: Center,
) -> None:
    launch = want.Launch("echo", str(supervised.repo), "hello", budget=Cap(money=1.0))
    ada = (await supervised.answer(launch)).agent
    fleet = await supervised.until(lambda f: bool(f.budgets[f"agent:{ada}"].blind))
    assert fleet.budgets[f"agent:{ada}"].blind == "Echo does not tell what it spends"


async def test_the_configuration_counts_when_it_changes(books: Books, supervised: Center) -> None:
    ada = await idle(supervised)
    books.spend(ada.session, Tokens(input=20_000))
    settings(supervised, '[budget]\nday = "10ktok"\nagent = "5ktok"\n')
    assert (await level(supervised, "day", Level.HELD)).by == "config"
    await set_budget(supervised, "day", Cap(tokens=90_000))
    await level(supervised, "day", Level.OPEN)
    bob = await idle(supervised)
    fleet = await supervised.until(lambda f: f"agent:{bob.id}" in f.budgets)
    assert fleet.budgets[f"agent:{bob.id}"].cap == Cap(tokens=5_000)
    settings(supervised, '[budget]\nday = "12ktok"\n')
    assert (await level(supervised, "day", Level.HELD)).cap == Cap(tokens=12_000)


def settings(center: Center, text: str) -> None:
    center.places.settings.parent.mkdir(parents=True, exist_ok=True)
    center.places.settings.write_text(text, "utf-8")


async def test_a_killed_supervisor_tells_nothing_twice(books: Books, center: Center) -> None:
    first = center.start_supervisor()
    ada = await idle(center)
    await set_budget(center, "day", TEN)
    books.spend(ada.session, Tokens(input=20_000))
    await level(center, "day", Level.HELD)
    first.kill()
    first.wait()
    center.ask(want.Send(ada.id, "go on"))
    center.start_supervisor()
    await held(center, ada, "today's budget is reached")
    await counted(center)
    assert told(center, "day") == ["BudgetHeld"]


async def test_the_second_prompt_waits_until_the_first_turn_is_counted(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    await set_budget(supervised, f"agent:{ada.id}", TEN)
    supervised.ask(want.Send(ada.id, "go on"))
    await held(supervised, ada, "what its last turn spent is being counted")
    books.spend(ada.session, Tokens(input=9_000))
    await held(supervised, ada, f"the budget of {ada.name} is reached")
    assert supervised.received(ada.id) == ["hello"]


async def test_a_scope_that_nothing_has_is_refused(supervised: Center) -> None:
    for scope in ("week", "agent:nobody", "task:T9"):
        assert (await supervised.answer(want.SetBudget(scope, TEN))).is_refused
    assert (await supervised.answer(want.SetBudget("day", TEN, raises=True))).is_refused


async def test_what_a_task_may_cost_is_its_budget(books: Books, supervised: Center) -> None:
    await idle(supervised)
    await supervised.answer(SetDispatch("automatic"))
    brief = Brief("[long] task", allowance=Allowance(tokens=10_000))
    task = (await supervised.answer(AddTasks((brief,), str(supervised.repo)))).text
    fleet = await supervised.until(lambda f: f.tasks[task].life is Life.RUNNING)
    ada = fleet.agents[fleet.tasks[task].agent]
    books.spend(ada.session, Tokens(input=20_000))
    assert (await level(supervised, f"task:{task}", Level.HELD)).by == "task"
    supervised.ask(want.Send(ada.id, "more"))
    await held(supervised, ada, f"the budget of task {task} is reached")


async def test_no_task_is_handed_out_while_the_day_is_held(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    books.spend(ada.session, Tokens(input=20_000))
    await set_budget(supervised, "day", TEN)
    await level(supervised, "day", Level.HELD)
    await supervised.answer(SetDispatch("automatic"))
    brief = Brief("A task")
    task = (await supervised.answer(AddTasks((brief,), str(supervised.repo)))).text
    await counted(supervised)
    assert supervised.fleet.tasks[task].life is Life.QUEUED
    await set_budget(supervised, "day", Cap(tokens=90_000), raises=True)
    await supervised.until(lambda f: f.tasks[task].agent != "")


async def test_a_task_pays_for_its_own_time_only(books: Books, supervised: Center) -> None:
    ada = await idle(supervised)
    now = time.time()
    for ago in (500.0, 250.0, 50.0):
        books.spend(ada.session, at=now - ago)
    task = Task("T1", Brief("t"), now, life=Life.RUNNING, agent=ada.id, started_at=now - 300)
    fleet = replace(
        supervised.fleet, tasks={"T1": task}, budgets={"task:T1": Budget("task:T1", TEN)}
    )
    bill = spent(supervised, fleet, "task:T1")
    assert (bill.tokens, bill.messages) == (2_000, 2)
    over = replace(task, life=Life.REVIEW, ended_at=now - 100)
    assert spent(supervised, replace(fleet, tasks={"T1": over}), "task:T1").tokens == 1_000
    assert covers(fleet, "task:T1", ada.id)
    assert not covers(replace(fleet, tasks={"T1": over}), "task:T1", ada.id)


async def test_a_fleet_pays_from_the_day_its_budget_was_set(
    books: Books, supervised: Center
) -> None:
    ada = await idle(supervised)
    books.spend(ada.session, at=time.time() - 3 * 86_400)
    books.spend(ada.session)
    await set_budget(supervised, "fleet", TEN)
    assert spent(supervised, supervised.fleet, "fleet").tokens == 1_000


def spent(center: Center, fleet: Fleet, scope: str) -> Bill:
    today = local_date(time.time())
    return read_ledger(center.places, fleet, today, prices=True).budgets[scope]
