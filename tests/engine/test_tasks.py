"""Tasks, from the inbox to the review, with a real agent in a real pane and a real worktree."""

from pathlib import Path

from command_center.domain.intents import Intent, Launch, Send
from command_center.domain.model import Agent, Fleet
from command_center.domain.task_intents import (
    AddTasks,
    ApproveTask,
    AssignTask,
    DiscardTask,
    QueueTask,
    ReturnTask,
    ReviseTask,
    SetDispatch,
)
from command_center.domain.tasks import Brief, Check, Conversation, Judge, Life, Task, TaskKind
from tests.center import Center
from tests.gitrepo import run_git, write

KEPT = Conversation.KEPT
PASSES = Check(Judge.COMMAND, ("true",))


async def added(center: Center, *briefs: Brief) -> list[str]:
    answer = await center.answer(AddTasks(briefs, str(center.repo)))
    assert not answer.is_refused, answer.text
    return answer.text.split()


async def done(center: Center, intent: Intent) -> str:
    answer = await center.answer(intent)
    assert not answer.is_refused, answer.text
    return answer.text


async def refused(center: Center, intent: Intent) -> str:
    answer = await center.answer(intent)
    assert answer.is_refused
    return answer.text


async def task_until(center: Center, task: str, life: Life, *, held: bool = False) -> Task:
    def holds(fleet: Fleet) -> bool:
        now = fleet.tasks.get(task)
        return now is not None and now.life is life and now.is_held == held

    return (await center.until(holds)).tasks[task]


async def idle_worker(center: Center, name: str) -> Agent:
    agent = await center.launch(name=name)
    return await center.agent_until(agent.id, lambda a: a.state == "idle")


async def test_a_queued_task_goes_to_the_idle_agent_and_is_checked(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    check = Check(Judge.COMMAND, ("sh", "-c", "echo checked; test -d src"))
    [task] = await added(supervised, Brief("Sort the list", check=check, conversation=KEPT))
    seen = await task_until(supervised, task, Life.REVIEW)
    assert (seen.agent, seen.branch) == (ada.id, "tasks/t1-sort-the-list")
    assert seen.output.strip() == "checked"
    [prompt] = supervised.received(ada.id)
    assert prompt.startswith("Sort the list\n\n(Task T1, on branch tasks/t1-sort-the-list.")
    head = run_git(Path(ada.order.worktree), "symbolic-ref", "--short", "HEAD")
    assert head == "tasks/t1-sort-the-list"
    assert supervised.fleet.agents[ada.id].order.branch == head


async def test_a_failed_check_goes_back_with_its_output_and_then_to_the_user(
    supervised: Center,
) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    check = Check(Judge.COMMAND, ("sh", "-c", "echo three tests failed; exit 3"), returns=1)
    [task] = await added(supervised, Brief("Mend it", check=check, conversation=KEPT))
    seen = await task_until(supervised, task, Life.CHECK, held=True)
    assert "exit status 3; it was sent back 1 times" in seen.reason
    _, again = supervised.received(ada.id)
    assert "three tests failed" in again
    # It waits for the user, and its agent for nobody.
    [other] = await added(supervised, Brief("Go on", check=PASSES, conversation=KEPT))
    assert (await task_until(supervised, other, Life.REVIEW)).agent == ada.id


async def test_what_an_agent_leaves_uncommitted_is_committed_to_its_task(
    supervised: Center,
) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    [task] = await added(supervised, Brief("Write it [slow]", conversation=KEPT))
    await task_until(supervised, task, Life.RUNNING)
    write(Path(ada.order.worktree) / "new.txt", "new\n")
    await task_until(supervised, task, Life.CHECK, held=True)
    await done(supervised, ApproveTask(task))
    seen = await task_until(supervised, task, Life.REVIEW)
    assert seen.files == ("new.txt",)
    assert "new.txt" in run_git(supervised.repo, "ls-tree", "--name-only", seen.branch)
    [after] = await added(supervised, Brief("Then", needs=(task,), check=PASSES, conversation=KEPT))
    await task_until(supervised, after, Life.REVIEW)
    assert (Path(ada.order.worktree) / "new.txt").exists()


async def test_a_fresh_conversation_starts_the_agent_anew(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    supervised.ask(Send(ada.id, "hello"))
    await supervised.agent_until(ada.id, lambda a: a.state == "idle" and len(a.receipts) == 1)
    await supervised.until(lambda f: f.agents[ada.id].receipts[0].delivery.is_over)
    [task] = await added(supervised, Brief("Afresh", check=PASSES))
    await done(supervised, AssignTask(task, ada.id))
    await task_until(supervised, task, Life.REVIEW)
    now = supervised.fleet.agents[ada.id]
    assert now.incarnation == 2
    assert now.session != ada.session


async def test_where_a_task_would_go_is_told_when_the_user_hands_out(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    first, second = await added(supervised, Brief("One"), Brief("Two", needs=("#1",)))
    fleet = await supervised.until(lambda f: f.tasks[second].reason != "")
    assert (fleet.tasks[first].proposed, fleet.tasks[first].life) == (ada.id, Life.QUEUED)
    assert fleet.tasks[first].reason == "it has been idle the longest"
    assert (fleet.tasks[second].proposed, fleet.tasks[second].reason) == ("", "waits for T1")


async def test_an_agent_is_launched_when_none_is_idle(supervised: Center) -> None:
    await done(supervised, SetDispatch("automatic"))
    [task] = await added(supervised, Brief("Alone", check=PASSES, spec="echo"))
    seen = await task_until(supervised, task, Life.REVIEW)
    agent = supervised.fleet.agents[seen.agent]
    assert (agent.order.branch, agent.base_commit) == (seen.branch, seen.base_commit)
    [prompt] = supervised.received(agent.id)
    assert prompt.startswith("Alone")


async def test_why_an_agent_was_launched_stays_with_its_task(supervised: Center) -> None:
    await done(supervised, SetDispatch("automatic"))
    [task] = await added(supervised, Brief("Alone [slow]", spec="echo"))
    seen = await task_until(supervised, task, Life.RUNNING)
    assert seen.reason == "no idle agent fits, and there is room"


async def test_dependent_tasks_run_in_an_order_that_their_needs_allow(supervised: Center) -> None:
    await idle_worker(supervised, "ada")
    await idle_worker(supervised, "bob")
    await done(supervised, SetDispatch("automatic"))
    briefs = [
        Brief("first", check=PASSES, conversation=KEPT),
        Brief("second", check=PASSES, conversation=KEPT, needs=("#1",)),
        Brief("third", check=PASSES, conversation=KEPT, needs=("#1",)),
        Brief("last", check=PASSES, conversation=KEPT, needs=("#2", "#3")),
    ]
    await added(supervised, *briefs)
    await task_until(supervised, "T4", Life.REVIEW)
    tasks = supervised.fleet.tasks
    for task in tasks.values():
        assert all(tasks[need].ended_at <= task.started_at for need in task.brief.needs)
    assert {tasks["T2"].agent, tasks["T3"].agent} == set(supervised.fleet.agents)


async def test_in_confirm_mode_a_placement_waits_for_the_user(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("confirm"))
    [task] = await added(supervised, Brief("Ask first", check=PASSES, conversation=KEPT))
    fleet = await supervised.until(lambda f: f.tasks[task].proposed != "")
    assert (fleet.tasks[task].proposed, fleet.tasks[task].life) == (ada.id, Life.QUEUED)
    assert fleet.tasks[task].reason == "it has been idle the longest"
    await done(supervised, AssignTask(task))
    await task_until(supervised, task, Life.REVIEW)


async def test_a_dirty_worktree_gets_no_task_and_keeps_its_work(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    write(Path(ada.order.worktree) / "draft.txt", "mine\n")
    await done(supervised, SetDispatch("automatic"))
    [task] = await added(supervised, Brief("Later", check=PASSES, conversation=KEPT))
    fleet = await supervised.until(
        lambda f: (diff := f.agents[ada.id].diff) is not None and diff.uncommitted == 1
    )
    assert fleet.tasks[task].life in (Life.QUEUED, Life.ASSIGNED)
    # The echo spec works here already, so another of it is launched.
    seen = await task_until(supervised, task, Life.REVIEW)
    assert seen.agent != ada.id
    assert (Path(ada.order.worktree) / "draft.txt").read_text() == "mine\n"


async def test_a_review_by_another_agent_decides(supervised: Center) -> None:
    await idle_worker(supervised, "ada")
    await idle_worker(supervised, "bob")
    await done(supervised, SetDispatch("automatic"))
    brief = Brief("Reviewed", check=Check(Judge.REVIEW), conversation=KEPT)
    [task] = await added(supervised, brief)
    review = await task_until(supervised, "T2", Life.CHECK, held=True)
    assert review.brief.kind is TaskKind.REVIEW
    assert review.agent != supervised.fleet.tasks[task].agent
    await done(supervised, ApproveTask("T2"))
    await task_until(supervised, task, Life.REVIEW)


async def test_the_user_sends_a_task_back_with_words(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    [task] = await added(supervised, Brief("Draw", conversation=KEPT))
    await task_until(supervised, task, Life.CHECK, held=True)
    await done(supervised, ReturnTask(task, "in blue"))
    await supervised.until(lambda _: supervised.received(ada.id)[-1] == "in blue")
    await task_until(supervised, task, Life.CHECK, held=True)


async def test_an_agent_that_crashes_holds_its_task_for_the_user(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    [task] = await added(supervised, Brief("Break [crash]", check=PASSES, conversation=KEPT))

    def is_held(fleet: Fleet) -> bool:
        return fleet.tasks[task].is_held

    fleet = await supervised.until(is_held)
    assert fleet.tasks[task].reason.startswith("ada is exited; resume it")
    await done(supervised, SetDispatch("manual"))
    await done(supervised, QueueTask(task))
    assert supervised.fleet.tasks[task].life is Life.QUEUED
    assert ada.id in supervised.fleet.agents


async def test_a_reserved_agent_is_left_alone(supervised: Center) -> None:
    answer = await supervised.answer(
        Launch("echo", str(supervised.repo), name="ada", tags=("reserved",))
    )
    await supervised.agent_until(answer.agent, lambda a: a.state == "idle")
    await done(supervised, SetDispatch("confirm"))
    [task] = await added(supervised, Brief("For others", conversation=KEPT))
    fleet = await supervised.until(lambda f: f.tasks[task].proposed != "")
    assert fleet.tasks[task].proposed == "new echo"


async def test_bad_tasks_are_refused_whole_with_the_reason(supervised: Center) -> None:
    ring = (Brief("a", needs=("#2",)), Brief("b", needs=("#1",)))
    repo = str(supervised.repo)
    assert "T1 needs T2 needs T1" in await refused(supervised, AddTasks(ring, repo))
    assert "no such task" in await refused(supervised, AddTasks((Brief("a", needs=("T7",)),), repo))
    assert "needs a title" in await refused(supervised, AddTasks((Brief(" "),), repo))
    assert "no repository" in await refused(supervised, AddTasks((Brief("a"),)))
    assert "NUL" in await refused(supervised, AddTasks((Brief("a", prompt="\0"),), repo))
    assert "manual, confirm" in await refused(supervised, SetDispatch("often"))
    assert "acc task list" in await refused(supervised, DiscardTask("T99"))
    assert supervised.fleet.tasks == {}


async def test_a_draft_is_revised_and_a_discarded_task_stays_so(supervised: Center) -> None:
    [task] = await added(supervised, Brief("Rough"))
    await done(supervised, ReviseTask(task, Brief("Better", priority=2)))
    assert supervised.fleet.tasks[task].brief.title == "Better"
    await done(supervised, DiscardTask(task))
    assert "discarded already" in await refused(supervised, QueueTask(task))


async def test_what_needs_a_discarded_task_waits_for_the_user(supervised: Center) -> None:
    first, second = await added(supervised, Brief("One"), Brief("Two", needs=("#1",)))
    await done(supervised, DiscardTask(first))
    seen = await task_until(supervised, second, Life.QUEUED, held=True)
    assert seen.reason.startswith("T1, which it needs, is discarded;")
    await done(supervised, ReviseTask(second, Brief("Two")))
    await done(supervised, QueueTask(second))
    await idle_worker(supervised, "ada")
    await supervised.until(lambda f: f.tasks[second].proposed != "")


async def test_hostile_titles_are_names_and_nothing_else(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    title = "$(touch pwned) `x` #{pane_id}; rm -rf \x1b]0;x\x07 --help"
    [task] = await added(supervised, Brief(title, check=PASSES, conversation=KEPT))
    seen = await task_until(supervised, task, Life.REVIEW)
    assert "\x1b" not in seen.brief.title
    assert seen.branch == "tasks/t1-touch-pwned-x-pane-id-rm-rf-help"
    assert not (Path(ada.order.worktree) / "pwned").exists()
