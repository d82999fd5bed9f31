"""Answers agents that wait: once, to the question that was shown, and believed only on proof."""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from command_center.domain import events as ev, intents as want
from command_center.domain.answering import AnswerKeys, hook_reply, keys_for, stands_on
from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.errors import CommandCenterError, IntentError, SpecError
from command_center.domain.model import Agent
from command_center.domain.pleas import PleaEnded
from command_center.domain.policy import Asker, Do, Rule, decision
from command_center.drivers.reply import reply
from command_center.engine.core import Engine
from command_center.engine.keyboard import press
from command_center.store.settings import read_settings

PROOF_SECONDS = 6.0
"""How long a CLI may take to show that it took an answer."""
SCREEN_SECONDS = 3.0
"""How long a dialog may take to stand on the screen after its hook has told of it."""
PATIENCE_SECONDS = 0.15
"""A CLI tells of an answer in its pane a little late; for so long we let that one go first."""
KEY_PAUSE_SECONDS = 0.1
POLICY = "policy"


class Saying(Struct, frozen=True):
    """An answer on its way."""

    verdict: Verdict
    by: str
    choice: int = 0
    text: str = ""
    rule: str = ""
    intent: str = ""


class Answerer:
    def __init__(self, engine: Engine, look: Callable[[], None]) -> None:
        """`look` reads what the CLIs publish, so that an answer in the pane is known at once."""
        self._engine = engine
        self._look = look
        self._judged: dict[str, str] = {}
        """By agent, the last question that the policy has decided about."""
        self._hooks: dict[str, set[str]] = {}
        """By agent, the FIFOs at which hooks wait."""
        self._problem = ""

    def take_up(self) -> None:
        """After a restart: an answer that was under way may have arrived, so it is not repeated."""
        for agent in list(self._engine.fleet.agents.values()):
            folder = self._engine.places.agent(agent.id)
            self._hooks[agent.id] = {fifo.name for fifo in folder.glob("ask.*")}
            if agent.question is not None and agent.question.answer:
                self._judged[agent.id] = agent.question.id
                self._fail(agent, agent.question, "interrupted while answering; look at the pane")

    def tick(self) -> None:
        """Apply the policy to new questions, and let go of hooks whose question is over."""
        for agent in list(self._engine.fleet.agents.values()):
            question = agent.question
            if question is not None:
                if question.hook:
                    self._hooks.setdefault(agent.id, set()).add(question.hook)
                if self._judged.get(agent.id) != question.id and not question.answer:
                    self._judge(agent, question)
        for name in list(self._hooks):
            self._let_go(name)

    def take(self, intent: want.Answer, taken: ev.IntentTaken, by: str) -> None:
        """Raises IntentError when that question is not the open one any more."""
        self._look()
        agent = self._engine.fleet.named(intent.agent)
        if agent is None:
            raise IntentError(f"no agent '{intent.agent}'; `acc list` shows them")
        question = agent.asks
        if question is None or question.id != intent.question:
            now = "it asks something else now" if question else f"it is {agent.state} now"
            raise IntentError(f"{agent.name}: that question was answered already; {now}")
        if agent.plea is not None and question.id == agent.plea.id:
            self._tell(agent, agent.plea, intent, taken, by)
            return
        saying = Saying(intent.verdict, by, intent.choice, intent.text, intent=taken.intent)
        self._engine.record(taken, _intended(agent, question, saying))
        self._engine.act(agent.id, self._answer(agent, question, saying))

    def _tell(
        self, agent: Agent, plea: Question, intent: want.Answer, taken: ev.IntentTaken, by: str
    ) -> None:
        """What waits is a tool of ours, so there is nothing to press and nothing to prove."""
        words = intent.text or str(intent.verdict)
        if intent.verdict is Verdict.CHOICE:
            if not 0 < intent.choice <= len(plea.choices):
                raise IntentError(f"{agent.name}: there is no choice {intent.choice}")
            words = plea.choices[intent.choice - 1]
        self._engine.record(
            taken,
            PleaEnded(agent.id, plea.id, by, words),
            ev.IntentDone(plea.id, agent.id, words),
            ev.IntentDone(taken.intent, agent.id, "answered by tool"),
        )

    def _judge(self, agent: Agent, question: Question) -> None:
        engine = self._engine
        rule = decision(self._rules(), self._asker(agent), question) if question.tool else None
        if rule is None or rule.do is Do.ASK:
            self._judged[agent.id] = question.id
            if self._decides_first(agent):
                self._reply(agent, question.hook, "")
            return
        verdict = Verdict.YES if rule.do is Do.ALLOW else Verdict.NO
        saying = Saying(verdict, POLICY, text=rule.reason, rule=str(rule))
        if self._line(agent, question, saying):
            self._judged[agent.id] = question.id
            engine.record(_intended(agent, question, saying))
            self._answer_at_once(agent, question, saying)
        elif agent.asks is not None and not engine.is_acting(agent.id):
            self._judged[agent.id] = question.id
            engine.record(_intended(agent, question, saying))
            engine.act(agent.id, self._answer(agent, question, saying))

    def _answer_at_once(self, agent: Agent, question: Question, saying: Saying) -> None:
        """A hook that has just begun to wait needs no proof, and may not wait for one."""
        if self._reply(agent, question.hook, self._line(agent, question, saying)):
            self._engine.record(_given(agent, question, saying, "hook"))
        else:
            self._fail(agent, question, "its hook did not wait; answer it yourself")

    async def _answer(self, agent: Agent, question: Question, saying: Saying) -> None:
        engine = self._engine
        try:
            await asyncio.sleep(PATIENCE_SECONDS)
            self._demand_open(agent, question)
            channel, at = await self._say(agent, question, saying)
            await self._prove(agent, question, at)
        except (CommandCenterError, OSError) as error:
            self._fail(agent, question, str(error), saying.intent)
            return
        events: list[ev.Event] = [_given(agent, question, saying, channel)]
        if saying.verdict is Verdict.NO and saying.text and channel == "keys":
            # What a hook would have told the agent along with the no.
            events.append(ev.PromptQueued(agent.id, f"no-{question.id}", saying.text))
        if saying.intent:
            events.append(ev.IntentDone(saying.intent, agent.id, f"answered by {channel}"))
        engine.record(*events)

    async def _say(self, agent: Agent, question: Question, saying: Saying) -> tuple[str, float]:
        """The channel that took it, and when. Raises IntentError when none may."""
        if not self._decides_first(agent):
            line, at = self._line(agent, question, saying), self._engine.clock()
            if line and self._reply(agent, question.hook, line):
                return "hook", at
        return "keys", await self._press(agent, question, saying)

    async def _press(self, agent: Agent, question: Question, saying: Saying) -> float:
        engine, spec = self._engine, self._engine.spec(agent)
        keys = spec.answer.keys or AnswerKeys()
        pressed = keys_for(keys, saying.verdict, saying.choice)
        types = (
            saying.verdict is Verdict.TEXT and keys.takes_text and question.kind is Kind.QUESTION
        )
        # Nobody has said what the screen shows then.
        is_blind = question.kind not in keys.screen
        if is_blind or not (pressed or types):
            raise IntentError(f"{spec.name} takes this answer only in its pane")
        deadline = engine.clock() + SCREEN_SECONDS
        while not await self._stands(agent, question, keys, saying.choice):
            self._demand_open(agent, question)
            if engine.clock() > deadline:
                raise IntentError("the question is not on its screen; look at the pane")
            await asyncio.sleep(0.1)
        self._demand_open(agent, question)
        at = engine.clock()
        if types:
            await engine.tmux.paste(agent.pane, saying.text)
            await asyncio.sleep(spec.prompt.settle_ms / 1000)
            pressed = (spec.prompt.submit,)
        await press(engine, agent, pressed, pause=KEY_PAUSE_SECONDS)
        return at

    async def _stands(
        self, agent: Agent, question: Question, keys: AnswerKeys, choice: int
    ) -> bool:
        seen = await self._engine.tmux.capture([agent.pane])
        return stands_on(seen.get(agent.pane, []), keys, question, choice)

    def _demand_open(self, agent: Agent, question: Question) -> None:
        self._look()
        if not self._is_open(agent, question):
            raise IntentError("it was answered in the pane meanwhile")

    async def _prove(self, agent: Agent, question: Question, at: float) -> None:
        """Raises IntentError unless the question was over after `at`, when we answered it."""
        deadline = self._engine.clock() + PROOF_SECONDS
        while self._is_open(agent, question):
            if self._engine.clock() > deadline:
                raise IntentError("answered, but it still waits; look at the pane")
            await asyncio.sleep(0.05)
        now = self._engine.fleet.agents.get(agent.id)
        # A CLI tells of a key in the pane some milliseconds late, and then ours came to nothing.
        if now is not None and question.since < now.since < at:
            raise IntentError("it was answered in the pane just before")

    def _is_open(self, agent: Agent, question: Question) -> bool:
        now = self._engine.fleet.agents.get(agent.id)
        return now is not None and now.asks is not None and now.asks.id == question.id

    def _line(self, agent: Agent, question: Question, saying: Saying) -> str:
        """What the waiting hook is to print; empty when none waits, or it cannot say this."""
        spec = self._engine.spec_or_none(agent)
        if spec is None or spec.answer.hook is None or not question.hook:
            return ""
        text = saying.text or (
            f"Denied by a rule of the user: {saying.rule}" if saying.rule else ""
        )
        return hook_reply(spec.answer.hook, question, saying.verdict, saying.choice, text)

    def _decides_first(self, agent: Agent) -> bool:
        spec = self._engine.spec_or_none(agent)
        return spec is not None and spec.answer.hook is not None and spec.answer.hook.decides_first

    def _reply(self, agent: Agent, hook: str, line: str) -> bool:
        self._hooks.get(agent.id, set()).discard(hook)
        return hook != "" and reply(self._engine.places.agent(agent.id) / hook, line)

    def _let_go(self, name: str) -> None:
        agent = self._engine.fleet.agents.get(name)
        current = agent.question.hook if agent and agent.question else ""
        for hook in [hook for hook in self._hooks[name] if hook != current]:
            reply(self._engine.places.agent(name) / hook, "")
            self._hooks[name].discard(hook)
        if not self._hooks[name]:
            del self._hooks[name]

    def _rules(self) -> tuple[Rule, ...]:
        """As they stand in the file now. One that cannot be read allows and denies nothing."""
        try:
            rules = read_settings(self._engine.places.settings).policy
        except SpecError as error:
            if self._problem != str(error):
                self._problem = str(error)
                text = f"{error}; every permission is asked meanwhile"
                self._engine.record(ev.Noticed(text, is_problem=True))
            return ()
        self._problem = ""
        return rules

    def _asker(self, agent: Agent) -> Asker:
        repo = self._engine.fleet.repos.get(agent.order.repo)
        return Asker(agent.order.spec, agent.name, repo.root if repo else "")

    def _fail(self, agent: Agent, question: Question, reason: str, intent: str = "") -> None:
        events: list[ev.Event] = [ev.AnswerFailed(agent.id, question.id, reason)]
        if intent or question.intent:
            why = f"{agent.name}: {reason}"
            events.append(ev.IntentRefused(intent or question.intent, why, agent.id))
        self._engine.record(*events)


def _intended(agent: Agent, question: Question, saying: Saying) -> ev.AnswerIntended:
    return ev.AnswerIntended(
        agent=agent.id,
        question=question.id,
        verdict=saying.verdict,
        by=saying.by,
        text=saying.text or (str(saying.choice) if saying.choice else ""),
        rule=saying.rule,
        intent=saying.intent,
    )


def _given(agent: Agent, question: Question, saying: Saying, channel: str) -> ev.AnswerGiven:
    return ev.AnswerGiven(agent.id, question.id, saying.by, channel, saying.rule)
