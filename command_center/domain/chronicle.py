"""Who was in which state when, and what happened meanwhile: the events of a log, by agent."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Struct, field

from command_center.domain import events as ev
from command_center.domain.model import Agent, Fleet, Source, State
from command_center.domain.pleas import PleaEnded, PleaMade
from command_center.domain.reduce import reduce
from command_center.domain.text import one_line


class Span(Struct, frozen=True):
    """A time in one state; it lasts until the next span of the lane begins."""

    at: float
    """Unix seconds."""
    state: State | None
    """None once the agent was removed."""
    reason: str
    source: Source | None
    evidence: str
    seq: int
    """Number of the event that began it."""


class Mark(Struct, frozen=True):
    """Something that happened at one moment."""

    at: float
    kind: str
    """`prompt`, `answer`, `question`, `limit`, `notice` or `problem`."""
    text: str
    seq: int


class Lane(Struct):
    """One agent's life; `spans` and `marks` only grow."""

    agent: str
    name: str
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def spans_until(self, at: float) -> int:
        """How many spans have begun by then."""
        return bisect_right(self.spans, at, key=lambda span: span.at)

    def spans_before(self, at: float) -> int:
        return bisect_left(self.spans, at, key=lambda span: span.at)

    def marks_before(self, at: float) -> int:
        return bisect_left(self.marks, at, key=lambda mark: mark.at)

    def span_at(self, at: float) -> Span | None:
        """What the agent was at this time; None before its launch and after its removal."""
        place = self.spans_until(at)
        span = self.spans[place - 1] if place else None
        return span if span is not None and span.state is not None else None

    def times(self) -> list[float]:
        """When anything began or happened, in order."""
        return sorted({span.at for span in self.spans} | {mark.at for mark in self.marks})


class Chronicle:
    """Feed it records in order, from the first on."""

    def __init__(self) -> None:
        self.lanes: dict[str, Lane] = {}
        """By agent, the eldest first."""
        self.begin = self.end = 0.0
        self.seq = 0
        """Number of the last record."""
        self._fleet = Fleet()

    def feed(self, records: Iterable[ev.Record]) -> None:
        for record in records:
            before, self._fleet = self._fleet, reduce(self._fleet, record)
            self.begin = self.begin or record.at
            self.end = max(self.end, record.at)
            self.seq = record.seq
            self._note_states(before, record)
            self._note_event(record)

    def _note_states(self, before: Fleet, record: ev.Record) -> None:
        if before.agents is self._fleet.agents:
            return
        about = about_agent(record.event)
        now = self._fleet.agents.get(about)
        was = before.agents.get(about)
        if now is None:
            if was is not None and about in self.lanes:
                self._add(Span(self.end, None, "", None, "", record.seq), about)
        elif was is None or (was.state, was.reason) != (now.state, now.reason):
            lane = self.lanes.setdefault(about, Lane(about, now.name))
            lane.name = now.name
            self._add(_span(now, self.end, record.seq), about)

    def _add(self, span: Span, agent: str) -> None:
        self.lanes[agent].spans.append(span)

    def _note_event(self, record: ev.Record) -> None:
        lane = self.lanes.get(about_agent(record.event))
        if lane is not None and (noted := _noted(record.event)) is not None:
            lane.marks.append(Mark(self.end, *noted, record.seq))


def about_agent(event: ev.Event) -> str:
    """Id of the agent that the event is about; empty when it is about none."""
    if isinstance(event, ev.AgentAdopted):
        return event.agent.id
    return getattr(event, "agent", "")


def details(fields: Mapping[str, object]) -> Iterator[str]:
    """`key=value`, on one line and plain, of everything in an event that is not empty, inner
    objects' keys included. The agent is left out.
    """
    for key, value in fields.items():
        if isinstance(value, dict):
            yield from details(value)
        elif key != "agent" and value not in ("", None, []):
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            yield f"{key}={one_line(text, 80)}"


def event_line(event: ev.Event) -> str:
    """Name and fields of an event on one line, plain; which launch it belongs to is left out."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    fields.pop("launch", None)
    return " ".join((str(fields.pop("type")), *details(fields)))


def event_text(event: ev.Event) -> str:
    """Name and fields of an event, indented. Untrusted."""
    return msgspec.json.format(ev.encode(event), indent=2).decode()


def _span(agent: Agent, at: float, seq: int) -> Span:
    believed = next((claim for claim in agent.claims if claim.source is agent.source), None)
    evidence = believed.evidence if believed else ""
    return Span(at, agent.state, agent.reason, agent.source, evidence, seq)


def _noted(event: ev.Event) -> tuple[str, str] | None:
    match event:
        case ev.PromptQueued():
            return "prompt", event.text
        case ev.LaunchIntended() if event.prompt:
            return "prompt", event.order.prompt
        case ev.QuestionAsked() | PleaMade():
            return "question", event.question.text
        case PleaEnded() if event.by:
            return "answer", f"by {event.by}, through its tool"
        case ev.AnswerGiven():
            return "answer", f"by {event.by}, through {event.channel} {event.rule}".rstrip()
        case ev.StateClaimed() if event.claim.state is State.LIMITED:
            return "limit", event.claim.reason
        case ev.PromptUnsent() | ev.PromptDropped() | ev.AnswerFailed():
            return "problem", event.reason
        case ev.LaunchFailed():
            return "problem", event.problem
        case ev.Noticed():
            return ("problem" if event.is_problem else "notice"), event.text
        case _:
            return None
