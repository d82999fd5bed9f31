"""Turns signals (hooks, pty proxy) into events. Their payloads are untrusted."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Source, State
from command_center.domain.signals import Hooks, Meaning
from command_center.domain.text import one_line
from command_center.domain.wire import read_json
from command_center.engine.asking import question_of
from command_center.engine.core import Engine
from command_center.engine.meanings import filled, first_match, timed
from command_center.engine.proofs import taken_by_hook
from command_center.engine.tellings import telling
from command_center.store.inbox import Inbox

LONGEST_REASON = 200
_LARGEST = 4_000_000
"""Bytes; a hook carries whole tool outputs, and nothing we need lies that far in."""

_OSC_STATES = {
    "idle": State.IDLE,
    "done": State.IDLE,
    "error": State.IDLE,
    "working": State.BUSY,
    "blocked": State.WAITING,
}
_OSC_REASONS = {"auth": "login needed", "permission": "permission", "question": "question"}


class Signal(Struct, frozen=True):
    """One file of the pty proxy, or the first line of a hook's."""

    source: str
    agent: str
    launch: str
    event: str = ""
    at: float = 0.0
    state: str = ""
    kind: str = ""
    msg: str = ""
    id: str = ""
    text: str = ""
    pid: int = 0
    start: str = ""
    code: int | None = None
    signal: int | None = None
    error: str = ""
    ask: str = ""
    """Name of the FIFO at which the hook waits for an answer."""


class Listener:
    def __init__(self, engine: Engine, inbox: Inbox) -> None:
        self._engine = engine
        self._inbox = inbox

    def tick(self) -> None:
        """Takes out everything that lies there, oldest first."""
        for file in self._inbox.waiting():
            try:
                at, body = file.stat().st_mtime, file.read_bytes()[:_LARGEST]
                head, _, payload = body.partition(b"\n")
                signal = read_json(head, Signal)
            except (OSError, msgspec.DecodeError):
                self._inbox.set_aside(file)
                continue
            self._engine.record(*self._events(signal, payload, at))
            self._inbox.take_out(file)

    def _events(self, signal: Signal, payload: bytes, at: float) -> list[ev.Event]:
        agent = self._engine.fleet.agents.get(signal.agent)
        if agent is None or agent.launch != signal.launch:
            return []
        # A time of the future would outlast every word that follows.
        at = min(signal.at or at, self._engine.clock())
        match signal.source:
            case "process":
                return [*process_events(signal), *self._silence(agent, signal, at)]
            case "osc7501":
                return list(self._osc_events(agent, signal, at))
            case "title":
                return list(self._title_events(agent, signal, at))
            case "hook":
                return list(self._hook_events(agent, signal, payload, at))
            case _:
                return []

    def _silence(self, agent: Agent, signal: Signal, at: float) -> Iterator[ev.Event]:
        """A program that tells nothing of itself is unknown from the start, and says so."""
        spec = self._engine.spec_or_none(agent)
        if signal.event == "started" and spec is not None and spec.signals.is_silent:
            claim = Claim(
                Source.PROCESS, State.UNKNOWN, at, "tells nothing", "its process", is_complete=False
            )

            yield ev.StateClaimed(agent.id, agent.launch, claim)

    def _osc_events(self, agent: Agent, signal: Signal, at: float) -> Iterator[ev.Event]:
        if signal.id:
            return
        if signal.state == "clear":
            yield ev.ClaimWithdrawn(agent.id, agent.launch, Source.OSC)
        elif (state := _OSC_STATES.get(signal.state)) is not None:
            spec = self._engine.spec_or_none(agent)
            osc = spec.signals.osc7501 if spec else None
            rule = first_match(osc.rules, f"{signal.state}: {signal.msg}") if osc else None
            claim = Claim(
                Source.OSC,
                rule.state if rule else state,
                at,
                reason=one_line(rule.reason, LONGEST_REASON) if rule else _osc_reason(signal),
                evidence=one_line(f"state={signal.state} {signal.kind} {signal.msg}", 300),
                is_complete=osc.is_complete if osc else True,
            )
            yield ev.StateClaimed(agent.id, agent.launch, timed(claim, signal.msg))

    def _title_events(self, agent: Agent, signal: Signal, at: float) -> Iterator[ev.Event]:
        spec = self._engine.spec_or_none(agent)
        titles = spec.signals.title if spec else None
        if titles is None:
            return
        if (rule := first_match(titles.rules, signal.text)) is not None:
            claim = Claim(
                Source.TITLE,
                rule.state,
                at,
                reason=one_line(rule.reason, LONGEST_REASON),
                evidence=one_line(signal.text, 300),
                is_complete=titles.is_complete,
            )
            yield ev.StateClaimed(agent.id, agent.launch, timed(claim, signal.text))

    def _hook_events(
        self, agent: Agent, signal: Signal, payload: bytes, at: float
    ) -> Iterator[ev.Event]:
        spec = self._engine.spec_or_none(agent)
        hooks = spec.signals.hooks if spec else None
        if hooks is None:
            return
        fields = _object(payload)
        event = signal.event or _text(fields.get(hooks.event_key))
        yield from _session_events(agent, hooks, fields)
        if spec is not None and spec.usage and spec.usage.told and event == spec.usage.told.event:
            session = _text(fields.get(hooks.session_key)) or agent.session
            told = telling(spec, session, fields, self._engine.environ)
            self._engine.tellings += [told] if told else []
            return
        variant = f"{event}:{_text(fields.get(hooks.variants.get(event, '')))}"
        asked = spec.answer.asked if spec else {}
        if (how := asked.get(variant) or asked.get(event)) is not None:
            question = question_of(how, fields, at, signal.ask)
            yield ev.QuestionAsked(agent.id, agent.launch, question)
        if (meaning := hook_meaning(hooks, event, fields)) is not None:
            yield ev.StateClaimed(
                agent.id, agent.launch, hook_claim(event, meaning, fields, at, hooks)
            )
        if event and event == hooks.prompt_event:
            taken = taken_by_hook(agent, _text(fields.get(hooks.prompt_key)), at)
            if taken is not None:
                yield taken


def process_events(signal: Signal) -> Iterator[ev.Event]:
    match signal.event:
        case "started":
            yield ev.ProcessStarted(signal.agent, signal.launch, signal.pid, signal.start)
        case "exited":
            yield ev.ProcessEnded(signal.agent, signal.launch, signal.code, signal.signal)
        case "failed":
            problem = one_line(signal.error, LONGEST_REASON) or "could not be started"
            yield ev.ProcessEnded(signal.agent, signal.launch, 127, None, problem)
        case _:
            return


def hook_meaning(hooks: Hooks, event: str, fields: dict[str, object]) -> Meaning | None:
    variant = _text(fields.get(hooks.variants.get(event, "")))
    return hooks.events.get(f"{event}:{variant}") or hooks.events.get(event)


def hook_claim(
    event: str, meaning: Meaning, fields: dict[str, object], at: float, hooks: Hooks
) -> Claim:
    reason = filled(meaning.reason, fields)
    claim = Claim(
        Source.HOOKS,
        meaning.state,
        at,
        reason=one_line(reason, LONGEST_REASON),
        evidence=f"hook {one_line(event, 80)}",
        is_complete=hooks.is_complete,
    )
    return timed(claim, filled(meaning.until, fields) or reason)


def _session_events(
    agent: Agent, hooks: Hooks, fields: dict[str, object]
) -> Iterator[ev.SessionLearned]:
    session = _text(fields.get(hooks.session_key))
    transcript = _text(fields.get(hooks.transcript_key))
    if (session and session != agent.session) or (transcript and transcript != agent.transcript):
        yield ev.SessionLearned(agent.id, session, transcript)


def _osc_reason(signal: Signal) -> str:
    said = one_line(signal.msg, LONGEST_REASON)
    if signal.state == "error":
        return f"error: {said}" if said else "error"
    if signal.state != "blocked":
        return ""
    kind = _OSC_REASONS.get(signal.kind, "question")
    return f"{kind}: {said}" if said else kind


def _object(payload: bytes) -> dict[str, object]:
    try:
        return read_json(payload, dict[str, object])
    except msgspec.DecodeError:
        return {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
