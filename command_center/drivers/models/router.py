"""One door to all models: chosen by job, asked within budgets, every call in the ledger."""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.budgets import (
    Bill,
    Cap,
    fits,
    parse_cap,
    shown_count,
    shown_money,
)
from command_center.domain.errors import IntentError, ModelError, ModelMissing, OverBudget
from command_center.domain.niches import Job, ModelChoice, ModelSettings, Niche
from command_center.domain.text import one_line
from command_center.domain.usage import Tokens
from command_center.drivers.models.calls import Call, CallLog
from command_center.drivers.models.talk import Ask, Attempt, Draft, Wire, decoded, json_schema

T = TypeVar("T")
UNIT = 1_000_000
LONGEST_ANSWER = 1_000_000
"""Characters."""
TRIES = 2
"""An answer that is not as it has to be goes back once, with the reason."""
BYTES_PER_TOKEN = 2
"""Of a prompt, at least; words have four, code about three."""
OVERHEAD = 1000
"""Tokens that an API adds, at most."""
WhyNot = Callable[[Bill], str]
"""Says why what may cost so much is not allowed; nothing when it is."""


class Answered(Struct, Generic[T], frozen=True):
    value: T
    calls: tuple[Call, ...]

    @property
    def dollars(self) -> float | None:
        """None when no price is known."""
        known = [call.dollars for call in self.calls if call.dollars is not None]
        return sum(known) if known else None


class _Line(Struct, frozen=True):
    """A connection to the model that has a job."""

    job: Job
    niche: Niche
    choice: ModelChoice
    wire: Wire


class Router:
    """Blocks while a model answers: not for an event loop's own thread.

    `why_not` is asked before each call, beside the models' own budget; see `engine/models.py`.
    """

    def __init__(
        self,
        settings: ModelSettings,
        ledger: Path,
        why_not: WhyNot = lambda _: "",
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._log = CallLog(ledger)
        self._why_not = why_not
        self._environ = os.environ if environ is None else environ
        self._clock = clock

    def choice(self, job: Job, niche: Niche | None = None) -> ModelChoice:
        """The model that would be asked. Raises ModelMissing."""
        wanted = niche or self._settings.jobs.niche(job)
        if (found := self._settings.choice(wanted)) is None:
            raise ModelMissing(
                f"no model for the niche '{wanted}'; set [models.{wanted}] in config.toml,"
                " see docs/models.md"
            )
        return found

    def ask(self, job: Job, ask: Ask, niche: Niche | None = None) -> Answered[str]:
        """Plain text; untrusted. Raises ModelError, OverBudget, LogError."""
        with self._line(job, niche) as line:
            draft, call = self._call(line, ask, None, ())
            return Answered(draft.text, (call,))

    def ask_for(
        self,
        kind: type[T],
        job: Job,
        ask: Ask,
        niche: Niche | None = None,
        check: Callable[[T], object] = lambda _: None,
    ) -> Answered[T]:
        """A Struct of that kind on which `check` raises no IntentError.

        Raises ModelError, OverBudget, LogError.
        """
        schema, attempts, calls, problem = json_schema(kind), list[Attempt](), list[Call](), ""
        with self._line(job, niche) as line:
            for _ in range(TRIES):
                draft, call = self._call(line, ask, schema, attempts)
                calls.append(call)
                try:
                    value = decoded(draft.text, kind)
                    check(value)
                    return Answered(value, tuple(calls))
                except (msgspec.DecodeError, RecursionError, UnicodeError, IntentError) as error:
                    problem = one_line(str(error), 500)
                    attempts.append(Attempt(draft, f"{problem}. Give the whole answer again."))
        raise ModelError(f"{line.choice.model}: its answer cannot be used: {problem}")

    @contextmanager
    def _line(self, job: Job, niche: Niche | None) -> Iterator[_Line]:
        choice = self.choice(job, niche)
        # Late: an SDK takes up to a second.
        module = import_module(f"command_center.drivers.models.{choice.provider}_wire")
        wire: Wire = module.connect(choice, self._environ)
        try:
            yield _Line(job, niche or self._settings.jobs.niche(job), choice, wire)
        finally:
            wire.close()

    def _call(
        self, line: _Line, ask: Ask, schema: dict[str, object] | None, attempts: Sequence[Attempt]
    ) -> tuple[Draft, Call]:
        at, choice = self._clock(), line.choice
        ahead = most(choice, ask, schema, attempts)
        call = Call(uuid.uuid4().hex, at, line.job, line.niche, choice.model, ahead)
        self._log.begin(call, lambda spent: self._refuse(spent, ahead))
        try:
            draft = line.wire.answer(ask, schema, attempts)
        except ModelError as error:
            seconds = self._clock() - at
            self._log.end(replace(call, is_over=True, error=str(error), seconds=seconds))
            raise
        problem = _problem(draft)
        over = replace(
            call,
            is_over=True,
            tokens=draft.tokens,
            dollars=_price(choice, draft.tokens),
            seconds=self._clock() - at,
            error=problem,
        )
        self._log.end(over, draft.id)
        if problem:
            raise ModelError(f"{choice.model}: {problem}")
        return draft, over

    def _refuse(self, spent: Bill, ahead: Bill) -> None:
        """Raises OverBudget."""
        cap = parse_cap(self._settings.budget) if self._settings.budget else Cap()
        if cap.money > 0 and ahead.unpriced:
            raise OverBudget(
                f"no price is known for {ahead.unpriced[0]}, so a budget in dollars cannot be"
                " kept; set its `price`, or limit tokens"
            )
        if not fits(cap, spent, ahead):
            raise OverBudget(
                f"the models' budget of {cap} a day: {shown(spent)} spent, and this call may"
                f" cost {shown(ahead)}"
            )
        if reason := self._why_not(ahead):
            raise OverBudget(reason)


def most(
    choice: ModelChoice,
    ask: Ask,
    schema: dict[str, object] | None = None,
    attempts: Sequence[Attempt] = (),
) -> Bill:
    """What one call may cost, if the whole prompt is new and the answer as long as may be."""
    texts = [ask.instructions, ask.context, ask.prompt, str(schema or "")]
    texts += [attempt.draft.text + attempt.problem for attempt in attempts]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    tokens = Tokens(OVERHEAD + size // BYTES_PER_TOKEN, choice.max_output)
    dollars = _price(choice, tokens)
    unpriced = (choice.model,) if dollars is None else ()
    return Bill(tokens.total, dollars or 0.0, 1, unpriced)


def shown(bill: Bill) -> str:
    """Such as `12.4k tok ($0.12)`; without the dollars where a price is unknown."""
    money = "" if bill.unpriced else f" ({shown_money(bill.money)})"
    return f"{shown_count(bill.tokens)} tok{money}"


def _problem(draft: Draft) -> str:
    if draft.refusal:
        return f"no answer: {one_line(draft.refusal, 300)}"
    if draft.is_cut:
        return "its answer was longer than max_output and broke off"
    return "its answer is far too long" if len(draft.text) > LONGEST_ANSWER else ""


def _price(choice: ModelChoice, tokens: Tokens) -> float | None:
    if choice.price is not None:
        into, out = choice.price
        return (tokens.prompt * into + tokens.output * out) / UNIT
    # Late: the price table takes 0.2 s and 30 MB.
    from command_center.drivers.prices import price

    dollars = price(choice.model, tokens, "")
    return None if dollars is None else float(dollars)
