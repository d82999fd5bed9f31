"""Arbitrary domain values: any event at all, and histories of a small fleet."""

import types
import typing
from enum import Enum
from typing import TypeVar

import msgspec
from hypothesis import strategies as st

from command_center.domain import events as ev, intents
from command_center.domain.model import Claim, Order, Receipt
from command_center.domain.runs import RunOrder

T = TypeVar("T", bound=msgspec.Struct)

# Few ids, so that events meet the agents, launches and prompts of other events.
IDS = ("a", "b", "c")
ID_FIELDS = frozenset({"agent", "id", "intent", "launch", "prompt", "run", "task"})

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TABLES = st.dictionaries(TEXT, st.none() | st.booleans() | TEXT, max_size=3)
NUMBERS_OF_THE_LOG = (-(2**63), 2**63 - 1)
NUMBERS: dict[object, st.SearchStrategy[object]] = {
    int: st.integers(*NUMBERS_OF_THE_LOG),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}


def values(kind: object, name: str = "") -> st.SearchStrategy[object]:
    """Any value of an annotation that occurs in the domain; `name` is that of its field."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is str:
        return st.sampled_from(IDS) if name in ID_FIELDS else TEXT
    if kind in NUMBERS:
        return NUMBERS[kind]
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(values(option, name) for option in arguments))
    if origin is tuple:
        many = st.lists(values(arguments[0], name), max_size=3, unique_by=_identity)
        return many.map(tuple)
    if origin is typing.Annotated:
        kind, *metas = arguments
        return _bounded(kind, metas)
    if origin is dict:
        named, held = arguments
        if held is object:
            return TABLES
        return st.dictionaries(values(named), values(held), max_size=3)
    assert isinstance(kind, type), kind
    if issubclass(kind, msgspec.Struct):
        return structs(kind)
    assert issubclass(kind, Enum), kind
    return st.sampled_from(list(kind))


def _bounded(kind: object, metas: typing.Sequence[msgspec.Meta]) -> st.SearchStrategy[object]:
    def bound(name: str) -> float | None:
        given = (getattr(meta, name) for meta in metas)
        return next((value for value in given if value is not None), None)

    if kind is str:
        return TEXT.filter(lambda text: len(text) >= (bound("min_length") or 0))
    if typing.get_origin(kind) is tuple:
        held = values(typing.get_args(kind)[0])
        return st.lists(held, min_size=int(bound("min_length") or 0), max_size=3).map(tuple)
    least, above, most = bound("ge"), bound("gt"), bound("le")
    if kind is int:
        low, high = NUMBERS_OF_THE_LOG
        low = low if least is None else int(least)
        low = low if above is None else int(above) + 1
        return st.integers(low, high if most is None else int(most))
    assert kind is float, kind
    is_open = above is not None
    lowest = above if is_open else least
    return st.floats(lowest, most, exclude_min=is_open, allow_nan=False, allow_infinity=False)


def _identity(value: object) -> object:
    """What may occur once in a tuple: one claim per source, one receipt per prompt."""
    match value:
        case Claim(source=source):
            return source
        case Receipt(id=prompt):
            return prompt
        case RunOrder():
            return repr(value)
        case _:
            # Some hold tables, which have no hash.
            return repr(value)


def structs(kind: type[T]) -> st.SearchStrategy[T]:
    """Any value of `kind`, field by field."""
    hints = typing.get_type_hints(kind, include_extras=True)
    names = [field.name for field in msgspec.structs.fields(kind)]
    return st.builds(kind, **{name: values(hints[name], name) for name in names})


EVENT_KINDS: tuple[type[ev.Event], ...] = typing.get_args(ev.Event)
INTENT_KINDS: tuple[type[intents.Intent], ...] = typing.get_args(intents.Intent)
events: st.SearchStrategy[ev.Event] = st.one_of(*(structs(kind) for kind in EVENT_KINDS))
any_intent: st.SearchStrategy[intents.Intent] = st.one_of(*(structs(k) for k in INTENT_KINDS))

ORDER = Order(spec="shell", repo="r", branch="b", base="HEAD", worktree="w", prompt="do it")
LAUNCHED = (
    ev.LaunchIntended("a", "ada", "a", ORDER, prompt="a"),
    ev.LaunchIntended("b", "bob", "b", ORDER),
)
"""Agents `a` and `b`, each with a launch of its own id; `a` with a first prompt."""


def recorded(happened: typing.Iterable[ev.Event], after: int = 0) -> list[ev.Record]:
    """The records of a log in which one event happens a second."""
    return [ev.Record(seq, float(seq), event) for seq, event in enumerate(happened, after + 1)]


histories: st.SearchStrategy[list[ev.Record]] = st.lists(events, max_size=30).map(
    lambda happened: recorded((*LAUNCHED, *happened))
)
"""What may happen to two agents, in any order, sense or nonsense."""
