"""The truth ladder of one agent: who says what, how old it is, and why it won or lost."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from command_center.domain.model import Agent, Claim, Source
from command_center.domain.rungs import Rung, rungs
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import age
from command_center.tui.dialogs.fields import Dialog


class ExplainDialog(Dialog[None]):
    DEFAULT_CSS = """
    ExplainDialog {
        & > #box { width: 96; }
        #ladder { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,w,enter", "close", show=False)]

    def __init__(
        self,
        agent: Agent,
        clock: Callable[[], float] = time.time,
        read: Collection[Source] | None = None,
        past: Mapping[Source, Claim] | None = None,
    ) -> None:
        """`clock` tells Unix seconds, for the ages; `read` and `past` are as in `rungs`."""
        super().__init__()
        self._agent = agent
        self._now = clock()
        self._rungs = rungs(agent, read, past)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box") as box:
            box.border_title = Content(
                f"Why {one_line(self._agent.name, 40)} is {self._agent.state}"
            )
            yield Static(
                Content("\n").join(_lines(self._agent, self._rungs, self._now)), id="ladder"
            )

    def on_mount(self) -> None:
        self.query_one("#box").focus()


def _lines(agent: Agent, ladder: Iterable[Rung], now: float) -> Iterator[Content]:
    if not agent.claims:
        yield Content(f"No source has spoken yet: our own records say {agent.phase}.")
        yield Content("")
    for rung in ladder:
        yield from _rung(rung, now)
    yield Content("")
    yield Content.assemble(("Sources stand from the most to the least trusted.", "dim"))


def _rung(rung: Rung, now: float) -> Iterator[Content]:
    claim = rung.claim
    if claim is None:
        yield Content.assemble((f"  {rung.source:<11}{rung.verdict}", "dim"))
        return
    look = theme.LOOKS[claim.state]
    mark, style = ("▸", "bold") if rung.verdict == "believed" else (" ", "")
    ago = f"{age(now - claim.at)} ago"
    yield Content.assemble(
        (f"{mark} {claim.source:<11}", style),
        (f"{look.glyph} {claim.state:<9}", style),
        (f"{ago:<9}", "dim"),
        (f"  {rung.verdict}", style),
    )
    for said in (claim.reason, *claim.evidence.splitlines()):
        if text := one_line(said, 400):
            yield Content.assemble((f"    {text}", "dim"))
