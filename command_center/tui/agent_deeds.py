"""What is asked of agents from the dashboard: questions to the user first, then an intent."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from command_center.domain import intents
from command_center.domain.asks import Question
from command_center.domain.intents import Intent
from command_center.domain.model import Agent, Answer, State
from command_center.domain.questions import alike
from command_center.domain.text import one_line

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

Deed = Callable[[], Awaitable[None]]


class AgentDeeds:
    """Each may rely on its `why_not` having found nothing against it."""

    def __init__(self, app: "CommandCenter", ask: Callable[[Intent], Awaitable[None]]) -> None:
        self._app = app
        self._ask = ask
        self.by_id: dict[str, Deed] = {
            "prompt": self.prompt,
            "answer": self.answer,
            "answer_all": self.answer_all,
            "stop": self.stop,
            "resume": self.resume,
            "interrupt": self.interrupt,
            "remove": self.remove,
            "undo": self.undo,
            "hide": self.hide,
            "hide_others": self.hide_others,
            "show_all": self.show_all,
        }

    @property
    def selected(self) -> Agent:
        agent = self._app.selected
        assert agent is not None, "an action on an agent needs one selected"
        return agent

    async def prompt(self) -> None:
        from command_center.tui.dialogs.prompt import PromptDialog

        agent = self.selected
        text = await self._app.push_screen_wait(PromptDialog(agent))
        if text:
            await self._ask(intents.Send(agent.id, text))

    async def answer(self) -> None:
        agent = self.selected
        if agent.asks is not None:
            await self._answer([(agent, agent.asks)])

    async def answer_all(self) -> None:
        if (question := self.selected.asks) is not None:
            await self._answer(alike(self._app.fleet, question))

    async def _answer(self, asking: list[tuple[Agent, Question]]) -> None:
        from command_center.tui.dialogs.answer import AnswerDialog

        for intent in await self._app.push_screen_wait(AnswerDialog(asking)) or []:
            await self._ask(intent)

    async def stop(self) -> None:
        from command_center.tui.dialogs.confirm import ConfirmDialog

        agent = self.selected
        if agent.state in (State.BUSY, State.WAITING):
            question = f"{one_line(agent.name, 40)} is {agent.state}. Stop it? r resumes it later."
            if not await self._app.push_screen_wait(ConfirmDialog(question, "Stop")):
                return
        await self._ask(intents.Stop(agent.id))

    async def resume(self) -> None:
        await self._ask(intents.Resume(self.selected.id))

    async def interrupt(self) -> None:
        await self._ask(intents.Interrupt(self.selected.id))

    async def remove(self) -> None:
        from command_center.tui.dialogs.removal import RemovalDialog

        removal = await self._app.push_screen_wait(RemovalDialog(self.selected))
        if removal is not None:
            await self._ask(removal)

    async def removal_refused(self, agent: Agent, answer: Answer) -> None:
        from command_center.tui.dialogs.removal import RemovalDialog

        removal = await self._app.push_screen_wait(RemovalDialog(agent, answer.text))
        if removal is not None:
            await self._ask(removal)

    async def undo(self) -> None:
        at_rest = (r for r in self._app.fleet.removals.values() if not r.intent)
        last = max(at_rest, key=lambda removal: removal.at)
        await self._ask(intents.Undo(last.agent.id))

    async def mark_seen(self, agent: Agent) -> None:
        await self._ask(intents.MarkSeen(agent.id))

    async def hide(self) -> None:
        agent = self.selected
        await self._ask(intents.Show(agent.id) if agent.is_hidden else intents.Hide(agent.id))

    async def hide_others(self) -> None:
        kept, fleet = self.selected.id, self._app.fleet
        for agent in [a.id for a in fleet.agents.values() if not a.is_hidden and a.id != kept]:
            await self._ask(intents.Hide(agent))

    async def show_all(self) -> None:
        for agent in [a.id for a in self._app.fleet.agents.values() if a.is_hidden]:
            await self._ask(intents.Show(agent))
