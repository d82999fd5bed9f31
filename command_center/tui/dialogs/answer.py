"""What agents ask, word for word, and the key that answers exactly that."""

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.intents import Answer
from command_center.domain.model import Agent
from command_center.domain.text import one_line, plain
from command_center.tui.dialogs.fields import Dialog, Field

READING_SECONDS = 0.4
"""Keys that come sooner were not meant for what has only just appeared."""


class AnswerDialog(Dialog[list[Answer]]):
    """Answers with one intent for each agent, or None. One agent alone may be replied to in words.

    Keys answer what is shown: a question that was asked later is another one.
    """

    DEFAULT_CSS = """
    AnswerDialog {
        & > #box { width: 96; }
        #asked { height: auto; max-height: 20; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "say('yes')", show=False),
        Binding("n", "say('no')", show=False),
        Binding("r", "reply", show=False),
        *(Binding(str(number), f"choose({number})", show=False) for number in range(1, 10)),
    ]

    def __init__(
        self,
        asking: Sequence[tuple[Agent, Question]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` tells seconds; at least one has to ask."""
        super().__init__()
        self._asking = asking
        self._clock = clock
        self._shown_at = 0.0
        self._choices = len(asking[0][1].choices) if len(asking) == 1 else 0
        keys = f"1–{self._choices} choose" if self._choices else "y yes · n no"
        self.ways = (
            f"{keys} · r in words · esc later" if len(asking) == 1 else f"{keys} · esc later"
        )

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            first, question = self._asking[0]
            count = len(self._asking)
            who = one_line(first.name, 40) if count == 1 else f"{count} agents"
            box.border_title = Content(f"{who} {'asks' if count == 1 else 'ask'}")
            with VerticalScroll(id="asked"):
                yield Static("\n".join(self._lines()), markup=False)
            if count == 1:
                label = "No, because" if question.kind is Kind.PERMISSION else "Reply"
                yield Field(label, Input(id="reply", placeholder="press r and write"))

    def _lines(self) -> list[str]:
        if len(self._asking) > 1:
            return [f"{one_line(agent.name)}  {plain(asked.text)}" for agent, asked in self._asking]
        question = self._asking[0][1]
        numbered = (f"{n}. {one_line(words)}" for n, words in enumerate(question.choices, 1))
        return [plain(question.text), *numbered]

    def on_mount(self) -> None:
        self._shown_at = self._clock()
        self.query_one("#asked").focus()

    def action_say(self, verdict: str) -> None:
        if not self._choices:
            self._answer(Verdict(verdict))

    def action_choose(self, number: int) -> None:
        if number <= self._choices:
            self._answer(Verdict.CHOICE, choice=number)

    def action_reply(self) -> None:
        for field in self.query("#reply").results(Input):
            field.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if text := event.value.strip():
            is_permission = self._asking[0][1].kind is Kind.PERMISSION
            self._answer(Verdict.NO if is_permission else Verdict.TEXT, text=text)

    def _answer(self, verdict: Verdict, choice: int = 0, text: str = "") -> None:
        if self._clock() - self._shown_at >= READING_SECONDS:
            self.dismiss([Answer(a.id, q.id, verdict, choice, text) for a, q in self._asking])
