"""Types prompts: never into a dialog, at most once, and believed only on proof."""

import asyncio

from command_center.domain import events as ev
from command_center.domain.model import Agent, Delivery, Phase, Receipt, State
from command_center.domain.runs import TELLER
from command_center.domain.specs import AgentSpec
from command_center.domain.task_life import on_agent
from command_center.domain.text import plain
from command_center.engine.core import Engine
from command_center.engine.proofs import UNDER_WAY
from command_center.engine.purser import Purser

PROOF_SECONDS = 3.0
"""How long a CLI may take to show that it took a prompt, before Enter is tried again."""
ENTER_TRIES = 3
KEY_PAUSE_SECONDS = 0.03
INTERRUPTED = "interrupted while typing; look at the pane before sending it again"
"""Enter was surely not pressed: that comes after the end of typing is logged."""
PASTED = "pasted"
MOST_LINES = 500
"""Of an abandoned prompt, to be cleared out of an input box."""


class Sender:
    def __init__(self, engine: Engine, purser: Purser) -> None:
        self._engine = engine
        self._purser = purser

    def tick(self) -> None:
        """Start typing wherever a prompt waits and may go; say why where it may not."""
        for agent in list(self._engine.fleet.agents.values()):
            if (waiting := _next_waiting(agent)) is not None:
                self._consider(agent, waiting)

    def take_up(self) -> None:
        """After a restart: what was being typed may stand in the box, so it is not repeated."""
        engine = self._engine
        for agent in list(engine.fleet.agents.values()):
            for receipt in agent.receipts:
                if receipt.delivery is Delivery.TYPING:
                    unsent = ev.PromptUnsent(agent.id, receipt.id, INTERRUPTED)
                    engine.record(unsent, *_repeated(agent, receipt))
                elif receipt.delivery is Delivery.TYPED and receipt.proof.startswith(PASTED):
                    spec = engine.spec_or_none(agent)
                    if (
                        spec is not None
                        and agent.phase is Phase.LIVE
                        and not agent.is_being_removed
                    ):
                        engine.act(agent.id, self._submit_again(agent, receipt, spec))

    def _consider(self, agent: Agent, receipt: Receipt) -> None:
        engine = self._engine
        if engine.is_acting(agent.id) or agent.phase is Phase.LAUNCHING:
            return
        spec = engine.spec_or_none(agent)
        reason = self._why_held(agent, receipt, spec)
        if not reason and spec is not None:
            engine.act(agent.id, self._type(agent, receipt, spec))
        elif reason and (receipt.delivery, receipt.proof) != (Delivery.HELD, reason):
            engine.record(ev.PromptHeld(agent.id, receipt.id, reason))

    def _why_held(self, agent: Agent, receipt: Receipt, spec: AgentSpec | None) -> str:
        if reason := self._purser.why_held(agent) or why_held(agent, spec):
            return reason
        is_message = receipt.by not in ("", TELLER)
        task = on_agent(self._engine.fleet.tasks.values(), agent.id) if is_message else None
        if task is not None:
            return f"a message; told when {task.id} is over"
        is_busy = receipt.by != "" and agent.state is State.BUSY
        return "a message; told when its turn is over" if is_busy else ""

    async def _type(self, agent: Agent, receipt: Receipt, spec: AgentSpec) -> None:
        engine, pane = self._engine, agent.pane
        if self._why_held(engine.fleet.agents[agent.id], receipt, spec):
            return
        engine.record(ev.PromptTyping(agent.id, receipt.id))
        if (left := leftover(agent) or await self._put_back(agent)) is not None:
            # A line takes two: one for its words, one for its break.
            lines = min(left.text.count("\n") + 1, MOST_LINES)
            for key in spec.prompt.clear * (2 * lines):
                await engine.tmux.send_keys(pane, key)
                # Keys that come at once are read as one key, or as text.
                await asyncio.sleep(KEY_PAUSE_SECONDS)
        await engine.tmux.paste(pane, receipt.text)
        await asyncio.sleep(spec.prompt.settle_ms / 1000)
        size = len(receipt.text)
        engine.record(ev.PromptTyped(agent.id, receipt.id, f"{PASTED} {size} characters"))
        await self._submit(agent, receipt, spec)

    async def _submit_again(self, agent: Agent, receipt: Receipt, spec: AgentSpec) -> None:
        """Whether Enter was pressed is not known: what proves it is waited for, then it is."""
        if not await self._proved(agent.id, receipt.id) and await self._is_in_box(agent, receipt):
            await self._submit(agent, receipt, spec)
        else:
            self._give_up(agent, receipt)

    async def _submit(self, agent: Agent, receipt: Receipt, spec: AgentSpec) -> None:
        engine, pane = self._engine, agent.pane
        for _ in range(ENTER_TRIES):
            if engine.fleet.agents[agent.id].state is State.WAITING:
                break
            await engine.tmux.send_keys(pane, spec.prompt.submit)
            if agent.state is State.UNKNOWN:
                proof = "typed; this program tells nothing"
                engine.record(
                    ev.PromptAccepted(agent.id, receipt.id, proof),
                    ev.PromptFinished(agent.id, receipt.id, proof),
                )
                return
            if await self._proved(agent.id, receipt.id) or not await self._is_in_box(
                agent, receipt
            ):
                break
        self._give_up(agent, receipt)

    def _give_up(self, agent: Agent, receipt: Receipt) -> None:
        """Say so when the prompt is not proved to be taken."""
        if self._delivery(agent.id, receipt.id) in UNDER_WAY:
            reason = "typed, but nothing shows that it was taken; look at the pane"
            self._engine.record(ev.PromptUnsent(agent.id, receipt.id, reason))

    async def _put_back(self, agent: Agent) -> Receipt | None:
        """The last prompt, if it may stand in the box: some CLIs put it back when interrupted."""
        over = [receipt for receipt in agent.receipts if receipt.delivery.is_over]
        return over[-1] if over and await self._is_in_box(agent, over[-1]) else None

    async def _proved(self, agent: str, prompt: str) -> bool:
        """Waits for a proof, or for the agent to change in a way that forbids more keys."""
        deadline = self._engine.clock() + PROOF_SECONDS
        while self._engine.clock() < deadline:
            if self._delivery(agent, prompt) not in UNDER_WAY:
                return True
            await asyncio.sleep(0.05)
        now = self._engine.fleet.agents.get(agent)
        return now is None or now.state is not State.IDLE

    async def _is_in_box(self, agent: Agent, receipt: Receipt) -> bool:
        """Whether the screen's end still shows the prompt: only then may Enter be repeated."""
        seen = await self._engine.tmux.capture([agent.pane], lines=12)
        tail = "".join("".join(seen.get(agent.pane, [])).split())
        line = plain(receipt.text).strip().splitlines()[-1:]
        end = "".join("".join(line).split())[-20:]
        return bool(end) and (end in tail or "[Pastedtext" in tail)

    def _delivery(self, agent: str, prompt: str) -> Delivery | None:
        now = self._engine.fleet.agents.get(agent)
        receipt = now.receipt(prompt) if now else None
        return receipt.delivery if receipt else None


def _next_waiting(agent: Agent) -> Receipt | None:
    """The oldest prompt not typed yet; none while an earlier one is on its way.

    Messages of other agents come last: they may have to wait until a task is over.
    """
    if any(receipt.delivery in UNDER_WAY for receipt in agent.receipts):
        return None
    waiting = [r for r in agent.receipts if r.delivery in (Delivery.QUEUED, Delivery.HELD)]
    return min(waiting, key=lambda receipt: receipt.by != "", default=None)


def _repeated(agent: Agent, receipt: Receipt) -> list[ev.Event]:
    """What tells of a run is surely told: Enter was not pressed, and the box is cleared first."""
    if receipt.by != TELLER:
        return []
    return [ev.PromptQueued(agent.id, f"{receipt.id}+", receipt.text, receipt.by)]


def leftover(agent: Agent) -> Receipt | None:
    """The prompt that may stand unsubmitted in the agent's box, to be joined by the next."""
    over = [receipt for receipt in agent.receipts if receipt.delivery.is_over]
    return over[-1] if over and over[-1].delivery is Delivery.UNSENT else None


def why_held(agent: Agent, spec: AgentSpec | None) -> str:
    """Why a prompt may not be typed now; empty when it may."""
    if spec is None:
        return f"its spec '{agent.order.spec}' cannot be read; see `acc doctor`"
    if not spec.prompt.takes_prompts:
        return f"{spec.name} takes no prompts after its start"
    if leftover(agent) is not None and not spec.prompt.clear:
        return "an unsent prompt may stand in its box; type into the pane, then send this again"
    match agent.state:
        case State.IDLE:
            return ""
        case State.UNKNOWN:
            return "" if spec.signals.is_silent else "its state is unknown"
        case State.BUSY:
            return "" if spec.prompt.queues_when_busy else "busy; sent when its turn is over"
        case State.WAITING:
            return f"it waits for you ({agent.reason or 'a dialog is open'}); answer that first"
        case State.LIMITED:
            return f"limited ({agent.reason})" if agent.reason else "limited"
        case State.STARTING:
            return "starting"
        case _:
            return f"{agent.state}; resume it to send this"
