"""Decides what becomes of an intent. It is logged as taken together with what it led to."""

import contextlib
import secrets
import uuid
from typing import assert_never

import msgspec

from command_center.domain import events as ev, intents as want
from command_center.domain.budget_events import BudgetSet
from command_center.domain.errors import CommandCenterError, IntentError, LogError, TmuxUnreachable
from command_center.domain.intents import Envelope
from command_center.domain.model import Agent, Delivery, Fleet, Order, Phase, Repo
from command_center.domain.names import free_name, slug
from command_center.domain.run_intents import RunAsk
from command_center.domain.scopes import checked_scopes
from command_center.domain.tags import checked, retagged
from command_center.domain.task_intents import TaskAsk
from command_center.drivers.git import open_repository
from command_center.drivers.refs import resolve, short_refs
from command_center.engine.answerer import Answerer
from command_center.engine.backlog import Backlog
from command_center.engine.clerk import Clerk
from command_center.engine.core import Engine
from command_center.engine.experiments import Experiments
from command_center.engine.keyboard import interrupt
from command_center.engine.launcher import Launcher
from command_center.engine.purser import Purser
from command_center.engine.recipes import find_binary
from command_center.engine.remover import Remover
from command_center.store.inbox import Inbox


class Handler:
    def __init__(
        self,
        engine: Engine,
        inbox: Inbox,
        answerer: Answerer,
        purser: Purser,
        launcher: Launcher,
        remover: Remover,
        backlog: Backlog,
        clerk: Clerk,
        experiments: Experiments,
    ) -> None:
        self._engine = engine
        self._purser = purser
        self._answerer = answerer
        self._inbox = inbox
        self._launcher = launcher
        self._remover = remover
        self._backlog = backlog
        self._clerk = clerk
        self._experiments = experiments
        self._repos: dict[str, Repo] = {}
        self._branches: dict[str, set[str]] = {}
        self._commits: dict[tuple[str, str], str] = {}
        """By repository, and by repository and ref, as read for the intents that lay together."""
        self.is_asked_to_leave = False

    async def tick(self) -> None:
        """Takes out every intent that can be decided now, oldest first."""
        blocked: set[str] = set()
        self._branches.clear()
        self._commits.clear()
        for file in self._inbox.waiting():
            try:
                envelope = want.decode(file.read_bytes())
            except (OSError, msgspec.DecodeError) as error:
                kept = self._inbox.set_aside(file)
                problem = f"an intent could not be read ({error}); it is kept as {kept}"
                self._engine.record(ev.Noticed(problem, is_problem=True))
                continue
            target = self._target(envelope)
            if target in blocked or self._engine.is_acting(target):
                # Later intents for the same agent keep their place behind this one.
                blocked.add(target)
                continue
            if not self._engine.log.has_taken(envelope.id):
                await self._decide(envelope)
            self._inbox.take_out(file)

    def take_up(self) -> None:
        """After a restart: go on with everything that was intended and not done."""
        for agent in list(self._engine.fleet.agents.values()):
            if agent.is_being_removed:
                self._remover.remove(agent.id, keeps_branch=agent.keeps_branch)
            elif agent.phase is Phase.LAUNCHING:
                self._launcher.start(agent.id)
            elif agent.phase is Phase.STOPPING:
                self._remover.stop(agent.id)
        for removal in self._engine.fleet.removals.values():
            if removal.intent:
                self._remover.undo(removal.agent.id)

    def _target(self, envelope: Envelope) -> str:
        """Id of the agent an intent is about; empty when it is about none."""
        named = getattr(envelope.intent, "agent", "")
        agent = self._engine.fleet.named(named) if named else None
        return agent.id if agent else named

    async def _decide(self, envelope: Envelope) -> None:
        taken = ev.IntentTaken(envelope.id, type(envelope.intent).__name__)
        try:
            await self._carry_out(envelope, taken)
        except LogError:
            raise
        except (CommandCenterError, OSError) as error:
            self._refuse(envelope, taken, str(error))
        except Exception as error:  # noqa: BLE001
            # Our own mistake. Let through, it would end every supervisor that finds this intent.
            self._engine.confess(error)
            self._refuse(envelope, taken, f"a mistake of ours: {error!r}; see supervisor.log")

    def _refuse(self, envelope: Envelope, taken: ev.IntentTaken, reason: str) -> None:
        target = self._target(envelope)
        if self._engine.log.has_taken(envelope.id):
            self._engine.record(ev.Noticed(reason, target, is_problem=True))
        else:
            self._engine.record(taken, ev.IntentRefused(envelope.id, reason, target))

    async def _carry_out(self, envelope: Envelope, taken: ev.IntentTaken) -> None:
        match envelope.intent:
            case want.Launch() as intent:
                await self._launch(intent, taken)
            case want.AddRepository(path):
                repo = await open_repository(path)
                done = ev.IntentDone(envelope.id, text=repo.root)
                self._engine.record(taken, ev.RepositoryAdded(repo), done)
            case want.Shutdown():
                self._engine.record(taken, ev.IntentDone(envelope.id))
                self.is_asked_to_leave = True
            case want.SetBudget() as intent:
                self._purser.take(intent, taken, envelope.by)
            case want.Undo() as intent:
                self._undo(intent, taken)
            case want.Answer() as intent:
                self._answerer.take(intent, taken, envelope.by)
            case want.Call() as intent:
                await self._clerk.take(intent, taken, envelope.by)
            case TaskAsk() as intent:
                await self._backlog.take(intent, taken, envelope.by)
            case RunAsk() as intent:
                await self._experiments.take(intent, taken, envelope.by)
            case intent:
                await self._for_agent(intent, taken)

    async def _launch(self, intent: want.Launch, taken: ev.IntentTaken) -> None:
        engine = self._engine
        _demand_text(intent.prompt)
        if intent.prompt.strip() and (reason := engine.why_no_launch()):
            raise IntentError(f"{reason}; launch it without a prompt, or `acc budget raise`")
        repo = self._repos.get(intent.repo) or await open_repository(intent.repo)
        self._repos[intent.repo] = repo
        if repo.id not in self._branches:
            engine.forget_catalogs()
            self._branches[repo.id] = set(await short_refs(repo, "refs/heads"))
        spec = engine.catalog(repo).spec(intent.spec)
        find_binary(spec, engine.environ)
        if (asked := (repo.id, intent.base)) not in self._commits:
            self._commits[asked] = await resolve(repo, intent.base)
        commit = self._commits[asked]
        name = _name(engine.fleet, intent)
        identity = f"{name}-{secrets.token_hex(3)}"
        branch = self._branch(repo, intent, name)
        order = Order(
            spec=intent.spec,
            repo=repo.id,
            branch=branch,
            base=intent.base,
            worktree=str(engine.worktree_folder(repo) / identity),
            prompt=intent.prompt,
            model=intent.model,
            mode=intent.mode,
            trusts_repo=intent.trusts_repo,
            comes_back=(
                engine.settings.limits.resume if intent.comes_back is None else intent.comes_back
            ),
            columns=intent.columns,
            rows=intent.rows,
            tags=checked(intent.tags),
            scopes=_scopes(intent),
        )
        known = [] if repo.id in engine.fleet.repos else [ev.RepositoryAdded(repo)]
        intended = ev.LaunchIntended(
            identity,
            name,
            secrets.token_hex(4),
            order,
            session=str(uuid.uuid4()) if spec.launch.presets_session else "",
            prompt=secrets.token_hex(4) if intent.prompt.strip() else "",
            intent=taken.intent,
        )
        own = [BudgetSet(f"agent:{identity}", intent.budget, "launch")] if intent.budget else []
        engine.record(taken, *known, intended, *own)
        self._launcher.start(identity, commit)

    def _branch(self, repo: Repo, intent: want.Launch, name: str) -> str:
        template = intent.branch or self._engine.settings.branch
        try:
            branch = template.format(name=name, spec=intent.spec, slug=slug(intent.prompt))
        except (KeyError, IndexError, ValueError) as error:
            known = "{name}, {spec} and {slug}"
            raise IntentError(
                f"branch template {template!r}: {error}; it may hold {known}"
            ) from None
        if intent.branch and "{" not in intent.branch:
            return branch
        planned = {a.order.branch for a in self._engine.fleet.agents.values()}
        taken = planned | self._branches[repo.id]
        number, free = 2, branch
        while free in taken:
            free, number = f"{branch}-{number}", number + 1
        return free

    def _undo(self, intent: want.Undo, taken: ev.IntentTaken) -> None:
        removals = self._engine.fleet.removals.values()
        found = [r for r in removals if intent.agent in (r.agent.id, r.agent.name)]
        if not found:
            raise IntentError(f"no removed agent '{intent.agent}'; `acc list --removed` shows them")
        agent = max(found, key=lambda removal: removal.at).agent
        if self._engine.is_acting(agent.id):
            raise IntentError(f"{agent.name}: is being brought back already")
        self._engine.record(taken, ev.UndoIntended(agent.id, taken.intent))
        self._remover.undo(agent.id)

    async def _for_agent(self, intent: want.AgentIntent, taken: ev.IntentTaken) -> None:
        engine = self._engine
        agent = engine.fleet.named(intent.agent)
        if agent is None:
            raise IntentError(f"no agent '{intent.agent}'; `acc list` shows them")
        done = ev.IntentDone(taken.intent, agent.id)
        match intent:
            case want.Send():
                prompt = ev.PromptQueued(agent.id, _prompt_id(intent), intent.text)
                engine.record(taken, prompt, ev.IntentDone(taken.intent, agent.id, prompt.prompt))
            case want.Drop():
                _demand_droppable(agent, intent.prompt)
                dropped = ev.PromptDropped(agent.id, intent.prompt, "taken back")
                engine.record(taken, dropped, done)
            case want.Hide():
                engine.record(taken, ev.AgentHidden(agent.id), done)
            case want.Show():
                engine.record(taken, ev.AgentShown(agent.id), done)
            case want.Retag():
                tags = retagged(agent.order.tags, intent.add, intent.drop)
                engine.record(taken, ev.AgentRetagged(agent.id, tags), done)
            case want.MarkSeen():
                engine.record(taken, ev.AgentSeen(agent.id), done)
            case want.Interrupt():
                _demand(agent, agent.phase is Phase.LIVE, "is not running")
                # Taken before the key is pressed: a crash must not press it twice.
                engine.record(taken, done)
                await interrupt(engine, agent)
            case want.Stop():
                _demand(agent, agent.phase is Phase.LIVE, f"is {agent.state} already")
                engine.record(taken, ev.StopIntended(agent.id, taken.intent))
                self._remover.stop(agent.id)
            case want.Resume():
                _demand(agent, agent.is_resumable, f"is {agent.state}, not stopped")
                await self._close_dead_window(agent)
                engine.record(
                    taken, ev.ResumeIntended(agent.id, secrets.token_hex(4), taken.intent)
                )
                self._launcher.start(agent.id)
            case want.Remove():
                _demand(agent, agent.phase is not Phase.LAUNCHING, "is being launched")
                engine.record(
                    taken, ev.RemovalIntended(agent.id, intent.keeps_branch, taken.intent)
                )
                self._remover.remove(agent.id, keeps_branch=intent.keeps_branch)
            case _:
                assert_never(intent)

    async def _close_dead_window(self, agent: Agent) -> None:
        if agent.pane:
            # A server that is gone took the window along.
            with contextlib.suppress(TmuxUnreachable):
                await self._engine.tmux.kill_window(agent.pane)


def _name(fleet: Fleet, intent: want.Launch) -> str:
    if not intent.name:
        return free_name(fleet.names)
    name = slug(intent.name, 32)
    if name != intent.name:
        wanted = "up to 32 lower-case letters, digits and '-'"
        raise IntentError(f"agent name {intent.name!r}: use {wanted}")
    if name in {agent.name for agent in fleet.agents.values()}:
        raise IntentError(f"an agent named '{name}' exists; choose another name")
    return name


def _scopes(intent: want.Launch) -> tuple[str, ...] | None:
    try:
        return None if intent.scopes is None else checked_scopes(intent.scopes)
    except ValueError as error:
        raise IntentError(str(error)) from None


def _prompt_id(intent: want.Send) -> str:
    if not intent.text.strip():
        raise IntentError("the prompt is empty")
    _demand_text(intent.text)
    return secrets.token_hex(4)


def _demand_text(prompt: str) -> None:
    if "\0" in prompt:
        raise IntentError("the prompt holds a NUL byte, which no program takes; leave it out")


def _demand(agent: Agent, holds: bool, problem: str) -> None:
    if not holds:
        raise IntentError(f"{agent.name} {problem}")


def _demand_droppable(agent: Agent, prompt: str) -> None:
    receipt = agent.receipt(prompt)
    if receipt is None or receipt.delivery not in (Delivery.QUEUED, Delivery.HELD):
        state = receipt.delivery if receipt else "unknown"
        raise IntentError(f"{agent.name}: prompt {prompt} is {state}; only a waiting one can go")
