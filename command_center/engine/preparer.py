"""Brings an agent to the point where it can be told its task: branch, conversation, prompt.

Every step looks first, so that what a crash left half done is taken up again.
"""

import asyncio
import secrets
import shlex
import uuid
from pathlib import Path

from command_center.domain import events as ev, task_events as tev
from command_center.domain.errors import CommandCenterError, LaunchError
from command_center.domain.model import Agent, Diff, Fleet, Order, Phase, Repo, State
from command_center.domain.names import free_name, slug
from command_center.domain.specs import AgentSpec
from command_center.domain.tasks import Conversation, Judge, Life, Task
from command_center.drivers.branches import begin_branch, current_branch, free_branch, merged
from command_center.drivers.diffstat import diff_stat
from command_center.engine.core import Engine
from command_center.engine.keyboard import PAUSE_SECONDS
from command_center.engine.launcher import Launcher, has_conversation
from command_center.engine.recipes import find_binary
from command_center.engine.remover import Remover
from command_center.engine.sender import leftover

BRANCHES_AT_ONCE = 4
"""So that of many idle agents the first need not wait for the last."""
FRESH_SECONDS = 5.0
"""How long a CLI may take to begin another conversation before it is started anew."""


class Preparer:
    def __init__(self, engine: Engine, launcher: Launcher, remover: Remover) -> None:
        self._engine = engine
        self._launcher = launcher
        self._remover = remover
        self._turns = asyncio.Semaphore(BRANCHES_AT_ONCE)
        self.expecting: dict[str, str] = {}
        """Spec of the agent that is just being made, by the task it is made for."""

    def prepare(self, task: Task, agent: Agent) -> None:
        """Lead an assigned agent to its task, in the background."""
        # Launched for it: both were logged at once.
        is_newcomer = agent.created_at == task.since
        if is_newcomer and agent.base_commit:
            prompt = agent.receipts[0].id
            self._engine.record(tev.TaskPrepared(task.id, prompt, task.branch, agent.base_commit))
        elif agent.phase is Phase.LAUNCHING:
            self._launcher.start(agent.id)
        elif agent.phase is not Phase.LIVE or agent.state not in (State.BUSY, State.WAITING):
            # One that claimed the task has its turn to end first.
            self._engine.act(agent.id, self._prepare(task, agent))

    def launch(self, task: Task, spec: str, reason: str) -> None:
        """Make an agent for the task, in the background."""
        self.expecting[task.id] = spec
        self._engine.later(self._launch(task, spec, reason))

    async def newcomer(self, task: Task, spec: str, reason: str) -> list[ev.Event]:
        """What is logged before an agent is launched for the task.

        Raises LaunchError, SpecError, GitError.
        """
        engine = self._engine
        if why_not := engine.why_no_launch():
            raise LaunchError(why_not)
        repo = engine.fleet.repos[task.brief.repo]
        find_binary(engine.catalog(repo).spec(spec), engine.environ)
        base = await merged(repo, bases(task, engine.fleet))
        branch = await free_branch(repo, branch_of(task))
        name = free_name(engine.fleet.names)
        order = self._order(task, spec, repo, name, branch, base)
        intended = ev.LaunchIntended(
            Path(order.worktree).name,
            name,
            secrets.token_hex(4),
            order,
            session=str(uuid.uuid4()) if self._presets_session(repo, spec) else "",
            prompt=secrets.token_hex(4),
        )
        return [intended, tev.TaskAssigned(task.id, intended.agent, reason, branch)]

    async def _launch(self, task: Task, spec: str, reason: str) -> None:
        engine = self._engine
        try:
            events = await self.newcomer(task, spec, reason)
            if engine.fleet.tasks[task.id].life is Life.QUEUED:
                engine.record(*events)
        except (CommandCenterError, OSError) as error:
            engine.record(tev.TaskHeld(task.id, str(error)))
        finally:
            del self.expecting[task.id]
            engine.changed.set()

    def _presets_session(self, repo: Repo, spec: str) -> bool:
        return self._engine.catalog(repo).spec(spec).launch.presets_session

    def _order(self, task: Task, spec: str, repo: Repo, name: str, branch: str, base: str) -> Order:
        engine = self._engine
        settings = engine.settings
        peers = [a.order for a in engine.fleet.agents.values() if a.order.repo == repo.id]
        return Order(
            spec=spec,
            repo=repo.id,
            branch=branch,
            base=base,
            worktree=str(engine.worktree_folder(repo) / f"{name}-{secrets.token_hex(3)}"),
            prompt=told(task, branch),
            mode=settings.dispatch.mode,
            comes_back=settings.limits.resume,
            # Whoever vouched for the repository once did so for those who join later.
            trusts_repo=any(order.trusts_repo for order in peers),
            tags=task.brief.tags,
        )

    async def _prepare(self, task: Task, agent: Agent) -> None:
        engine = self._engine
        repo, path = engine.fleet.repos[agent.order.repo], Path(agent.order.worktree)
        try:
            branch = branch_of(task)
            async with self._turns:
                if await current_branch(path) != branch:
                    branch = await free_branch(repo, branch)
                start = await begin_branch(repo, path, branch, bases(task, engine.fleet))
            if task.brief.conversation is Conversation.FRESH:
                await self._begin_conversation(agent)
        except (CommandCenterError, OSError) as error:
            await self._give_back(task, agent, str(error))
            return
        if engine.fleet.tasks[task.id].agent == agent.id:
            prompt = secrets.token_hex(4)
            engine.record(
                ev.PromptQueued(agent.id, prompt, told(task, branch)),
                tev.TaskPrepared(task.id, prompt, branch, start),
                ev.BranchBegun(agent.id, branch, start),
            )

    async def _give_back(self, task: Task, agent: Agent, problem: str) -> None:
        """Back to the queue; held there, unless it is the agent that is in the way."""
        engine = self._engine
        events: list[ev.Event] = [tev.TaskQueued(task.id, problem)]
        try:
            diff = await diff_stat(Path(agent.order.worktree), agent.base_commit)
        except (CommandCenterError, OSError):
            diff = Diff()
        if diff.uncommitted:
            events.append(ev.DiffMeasured(agent.id, diff))
        elif not engine.fleet.agents[agent.id].is_resumable:
            events.append(tev.TaskHeld(task.id, problem))
        engine.record(*events)

    async def _begin_conversation(self, agent: Agent) -> None:
        """Raises LaunchError when the agent does not come back from it."""
        engine = self._engine
        if agent.has_process and not has_conversation(agent):
            return
        spec = engine.spec(agent)
        if agent.has_process and await self._forgot(agent, spec):
            return
        await self._remover.park(agent)
        session = str(uuid.uuid4()) if spec.launch.presets_session else ""
        engine.record(
            ev.ConversationDropped(agent.id, session),
            ev.ResumeIntended(agent.id, secrets.token_hex(4)),
        )
        await self._launcher.carry_out(agent.id)
        if engine.fleet.agents[agent.id].phase is not Phase.LIVE:
            raise LaunchError(f"{agent.name} could not be started anew")

    async def _forgot(self, agent: Agent, spec: AgentSpec) -> bool:
        """Whether the CLI took its own command for a new conversation."""
        engine = self._engine
        is_ready = engine.fleet.agents[agent.id].state is State.IDLE and leftover(agent) is None
        if not (spec.prompt.fresh and agent.session and is_ready):
            return False
        for key in spec.prompt.clear:
            # What an interrupted supervisor may have left in the box.
            await engine.tmux.send_keys(agent.pane, key)
            await asyncio.sleep(PAUSE_SECONDS)
        await engine.tmux.paste(agent.pane, spec.prompt.fresh)
        await asyncio.sleep(spec.prompt.settle_ms / 1000)
        await engine.tmux.send_keys(agent.pane, spec.prompt.submit)
        deadline = engine.clock() + FRESH_SECONDS
        while engine.clock() < deadline:
            now = engine.fleet.agents[agent.id]
            if now.session != agent.session and now.state is State.IDLE:
                engine.record(ev.ConversationDropped(agent.id, now.session))
                return True
            await asyncio.sleep(0.05)
        return False


def assignment(task: Task, agent: str, reason: str) -> tev.TaskAssigned:
    return tev.TaskAssigned(task.id, agent, reason, branch_of(task))


def branch_of(task: Task) -> str:
    return task.branch or f"tasks/{task.id.lower()}-{slug(task.brief.title, 32)}"


def bases(task: Task, fleet: Fleet) -> list[str]:
    """The refs from which the task's branch starts, all together."""
    if task.brief.base:
        return [task.brief.base]
    needed = (fleet.tasks[need] for need in task.brief.needs)
    return ["HEAD", *(f"refs/heads/{t.branch}" for t in needed if t.branch and t.files)]


def told(task: Task, branch: str) -> str:
    """The prompt: the task's own words, and how its end is told."""
    brief, check = task.brief, task.brief.check
    if brief.kind.is_question:
        return f"{brief.words}\n\n(Task {task.id}. Answer in your last message.)"
    done = "Commit your work when it is done."
    if check.judge is Judge.COMMAND:
        done += f" It is done when `{shlex.join(check.command)}` passes."
    return f"{brief.words}\n\n(Task {task.id}, on branch {branch}. {done})"
