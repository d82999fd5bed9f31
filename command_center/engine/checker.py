"""Done is checked, not claimed: runs a task's done-check once its agent's turn is over."""

import asyncio
import secrets
from pathlib import Path

from command_center.domain import events as ev, task_events as tev
from command_center.domain.errors import CommandCenterError
from command_center.domain.model import Agent
from command_center.domain.tasks import LONGEST_OUTPUT, Brief, Check, Judge, Life, Task, TaskKind
from command_center.domain.text import plain
from command_center.drivers.branches import changed_files, commit_all
from command_center.drivers.diffstat import diff_stat
from command_center.drivers.host import run_to_end
from command_center.engine.core import Engine

CHECKS_AT_ONCE = 2


class Checker:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turns = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._judging: set[str] = set()

    def judge(self, task: Task) -> None:
        """Go on with the check of a task whose turn is over; once, however often it is asked."""
        if task.id not in self._judging:
            self._judging.add(task.id)
            self._engine.later(self._judge(task))

    async def passed(self, task: Task, by: str, output: str = "") -> tev.CheckPassed:
        """What is logged when the task is done. Raises GitError."""
        files: tuple[str, ...] = ()
        if task.branch and task.base_commit:
            repo = self._engine.fleet.repos[task.brief.repo]
            tip = f"refs/heads/{task.branch}"
            files = await changed_files(Path(repo.root), task.base_commit, tip)
        return tev.CheckPassed(task.id, output, by, files)

    async def _judge(self, task: Task) -> None:
        engine = self._engine
        agent = engine.fleet.agents[task.agent]
        try:
            match task.brief.check.judge:
                case Judge.COMMAND:
                    await self._run(task, agent)
                case Judge.REVIEW:
                    await self._ask_reviewer(task, agent)
                case Judge.USER:
                    await self._keep(task, agent)
                    self._hold(task, "waits for your yes")
        except (CommandCenterError, OSError) as error:
            self._hold(task, str(error))
        finally:
            self._judging.discard(task.id)
            engine.changed.set()

    async def _run(self, task: Task, agent: Agent) -> None:
        check, folder = task.brief.check, self._engine.places.state / "tasks"
        folder.mkdir(mode=0o700, exist_ok=True)
        async with self._turns:
            ended = await run_to_end(
                check.command, Path(agent.order.worktree), check.seconds, folder / f"{task.id}.log"
            )
        output = plain(ended.output)[-LONGEST_OUTPUT:]
        await self._keep(task, agent)
        if ended.code == 0:
            self._record(task, await self.passed(task, "its command", output))
            return
        self._record(task, tev.CheckFailed(task.id, output))
        how = f"exit status {ended.code}" if ended.code is not None else "it took too long"
        self._return(task, agent, f"`{' '.join(check.command)}` failed: {how}", output)

    async def _ask_reviewer(self, task: Task, agent: Agent) -> None:
        """The review is a task of its own; its outcome is this one's."""
        reviews = [t for t in self._engine.fleet.tasks.values() if t.brief.reviews == task.id]
        review = next((t for t in reversed(reviews) if t.created_at >= task.since), None)
        if review is None:
            await self._keep(task, agent)
            self._record(task, self._review_of(task))
        elif review.life.is_done:
            by = review.agent or review.by
            self._record(task, await self.passed(task, by, review.output))
        elif review.life is Life.FAILED:
            self._return(task, agent, f"{review.id} found faults", review.reason)
        elif review.life is Life.DISCARDED:
            self._hold(task, f"{review.id} was discarded; say yourself whether it is done")

    def _review_of(self, task: Task) -> tev.TaskAdded:
        numbers = [t.number for t in self._engine.fleet.tasks.values()]
        asked = (
            f"Review what {task.id} brought: {task.brief.title}. Read "
            f"`git diff {task.base_commit[:10]}...{task.branch}` and what is around it; change "
            "nothing. Say whether it does what was asked, and list each fault with its place: in "
            "the tool give_verdict if you have it, else in your last message.\n\n"
            f"What was asked:\n{task.brief.words}"
        )
        brief = Brief(
            title=f"Review {task.id}: {task.brief.title}",
            repo=task.brief.repo,
            prompt=asked,
            kind=TaskKind.REVIEW,
            check=Check(Judge.USER),
            priority=task.brief.priority + 1,
            reviews=task.id,
            base=f"refs/heads/{task.branch}",
        )
        return tev.TaskAdded(f"T{max(numbers) + 1}", brief, "reviewer", is_queued=True)

    async def _keep(self, task: Task, agent: Agent) -> None:
        """Commit what the agent left, so that its branch holds all of the task and nothing else."""
        engine, path = self._engine, Path(agent.order.worktree)
        message = f"{task.brief.title}\n\nLeft uncommitted by {agent.name} at the end of {task.id}."
        if agent.order.branch == task.branch:
            await commit_all(path, message)
        seen = engine.fleet.agents[agent.id].diff
        if seen is not None and seen.uncommitted:
            # The next look at it is seconds away, and the agent takes no other task meanwhile.
            diff = await diff_stat(path, agent.base_commit)
            engine.record(ev.DiffMeasured(agent.id, diff))

    def _return(self, task: Task, agent: Agent, problem: str, output: str) -> None:
        if task.returns >= task.brief.check.returns:
            self._hold(task, f"{problem}; it was sent back {task.returns} times")
            return
        prompt = secrets.token_hex(4)
        text = f"{problem}. Put it right. This is the end of what it printed:\n\n{output.rstrip()}"
        self._record(
            task,
            ev.PromptQueued(agent.id, prompt, text),
            tev.TaskReturned(task.id, prompt, problem),
        )

    def _hold(self, task: Task, reason: str) -> None:
        self._record(task, tev.TaskHeld(task.id, reason))

    def _record(self, task: Task, *events: ev.Event) -> None:
        """Unless the user decided otherwise meanwhile."""
        now = self._engine.fleet.tasks[task.id]
        if now.life is Life.CHECK and now.prompt == task.prompt:
            self._engine.record(*events)
