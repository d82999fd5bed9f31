"""Decides what becomes of an intent. It is logged as taken together with what it led to."""

import msgspec

from command_center.domain import events as ev, intents as want
from command_center.domain.errors import CommandCenterError, LogError
from command_center.domain.intents import Envelope
from command_center.domain.run_intents import RunAsk
from command_center.domain.task_intents import TaskAsk
from command_center.drivers.git import open_repository
from command_center.engine.answerer import Answerer
from command_center.engine.backlog import Backlog
from command_center.engine.clerk import Clerk
from command_center.engine.core import Engine
from command_center.engine.experiments import Experiments
from command_center.engine.foreman import Foreman
from command_center.engine.purser import Purser
from command_center.engine.recruiter import Recruiter
from command_center.store.inbox import Inbox


class Handler:
    def __init__(
        self,
        engine: Engine,
        inbox: Inbox,
        recruiter: Recruiter,
        foreman: Foreman,
        answerer: Answerer,
        purser: Purser,
        backlog: Backlog,
        clerk: Clerk,
        experiments: Experiments,
    ) -> None:
        self._engine = engine
        self._purser = purser
        self._answerer = answerer
        self._inbox = inbox
        self._recruiter = recruiter
        self._foreman = foreman
        self._backlog = backlog
        self._clerk = clerk
        self._experiments = experiments
        self.is_asked_to_leave = False

    async def tick(self) -> None:
        """Takes out every intent that can be decided now, oldest first."""
        blocked: set[str] = set()
        self._recruiter.look_again()
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
                await self._recruiter.take(intent, taken)
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
                self._foreman.undo(intent, taken)
            case want.Answer() as intent:
                self._answerer.take(intent, taken, envelope.by)
            case want.Call() as intent:
                await self._clerk.take(intent, taken, envelope.by)
            case TaskAsk() as intent:
                await self._backlog.take(intent, taken, envelope.by)
            case RunAsk() as intent:
                await self._experiments.take(intent, taken, envelope.by)
            case intent:
                await self._foreman.take(intent, taken)
