"""Turns of our agent without its terminal, with a user who has made up his mind."""

from pathlib import Path

from msgspec import Struct

from command_center.agent.permits import Permits
from command_center.agent.record import Conversation
from command_center.agent.talk import Model, Reply, ToolUse
from command_center.agent.tools.ground import Ground
from command_center.agent.tools.kit import Shown
from command_center.agent.tools.outcome import Outcome
from command_center.agent.turn import Said, Say, Turns
from command_center.agent.wires import Refused, Wire, wire_for
from command_center.domain.specs import Mode
from tests.scripted.server import ScriptedModel

KEY = "SCRIPTED_KEY"


class Seen(Struct):
    """A stage that only remembers."""

    says: Said = Said(Say.YES)
    text: str = ""
    notes: list[str] = []
    rests: list[float] = []
    asked: list[str] = []
    outcomes: list[Outcome] = []
    spent: list[int] = []

    def hear(self, text: str) -> None:
        self.text += text

    def heard(self) -> None:
        self.text += "|"

    def note(self, text: str) -> None:
        self.notes.append(text)

    def begin(self, what: str) -> None:
        del what

    def rest(self, seconds: float, why: Refused) -> None:
        del why
        self.rests.append(seconds)

    def told(self, reply: Reply) -> None:
        self.spent.append(reply.spent.context)

    def done(self, call: Shown, outcome: Outcome) -> None:
        del call
        self.outcomes.append(outcome)

    async def ask(self, name: str, call: ToolUse, asked: Shown) -> Said:
        del name, call
        self.asked.append(asked.heading)
        return self.says


class House:
    """One conversation. `close` it."""

    def __init__(
        self,
        model: ScriptedModel,
        folder: Path,
        wire: str = "anthropic",
        *,
        mode: Mode = Mode.FULL,
        window: int = 200_000,
    ) -> None:
        self.seen = Seen()
        url = model.url if wire == "anthropic" else f"{model.url}/v1"
        self.model = Model(
            "openai" if wire == "openai" else "anthropic", "scripted-1", url, KEY, window
        )
        self.records = folder.parent / "conversations"
        self.talk = Conversation(self.records)
        self.ground = Ground(folder)
        self.wire: Wire = wire_for(self.model, {KEY: "scripted"})
        self.permits = Permits(mode)
        self.turns = Turns(self.model, self._wire, self.ground, self.permits, self.seen)

    async def play(self, prompt: str) -> str:
        return await self.turns.play(self.talk, prompt)

    async def _wire(self) -> Wire:
        return self.wire

    def again(self) -> Conversation:
        """As another process finds it."""
        return Conversation(self.records, self.talk.session)
