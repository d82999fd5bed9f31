import msgspec
import pytest
from hypothesis import given, strategies as st

from command_center.domain import events as ev, intents
from command_center.domain.intents import Envelope
from command_center.domain.wire import read_json
from tests.strategies import EVENT_KINDS, INTENT_KINDS, TEXT, any_intent, structs

envelopes = st.builds(Envelope, TEXT, st.floats(0, 1e12), TEXT, any_intent)


@pytest.mark.parametrize("kind", EVENT_KINDS)
@given(data=st.data())
def test_every_event_is_read_back_as_it_was(kind: type[ev.Event], data: st.DataObject) -> None:
    event = data.draw(structs(kind))
    assert ev.decode(ev.encode(event), ev.VERSION) == event


@given(envelopes)
def test_every_intent_is_read_back_as_it_was(envelope: Envelope) -> None:
    assert intents.decode(intents.encode(envelope)) == envelope


@given(st.binary() | envelopes.map(intents.encode).map(lambda body: body[:-1]))
def test_a_body_that_is_no_intent_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        intents.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"\xff","at":1.0,"by":"x","intent":{"type":"Shutdown"}}',
        b'{"id":"i","at":1e999,"by":"x","intent":{"type":"Shutdown"}}',
        b'{"id":"i","at":1.0,"by":"x","intent":{"type":"Shutdown","now":true}}',
        b'{"id":"i","at":1.0,"by":"x","intent":{"type":"Explode"}}',
    ],
)
def test_a_nearly_right_intent_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        intents.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"AgentHidden","agent":"\xff"}',
        b'{"type":"AgentRemoved","agent":"a","trashed":{"x":' + b"[" * 100_000,
        b'{"type":"NeverHeardOf"}',
        b"",
    ],
)
def test_a_body_that_is_no_event_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        ev.decode(body, ev.VERSION)


@pytest.mark.parametrize(
    "body", [b'{"x": "\xff"}', b'{"x": ' + b"[" * 100_000, b"1e999", b"[]", b""]
)
def test_json_from_outside_has_one_kind_of_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_json(body, dict[str, object])


def test_an_event_of_a_newer_program_is_refused() -> None:
    body = ev.encode(ev.AgentHidden("a"))
    with pytest.raises(msgspec.DecodeError, match=f"version {ev.VERSION + 1}"):
        ev.decode(body, ev.VERSION + 1)


def test_a_field_that_this_program_does_not_know_is_skipped() -> None:
    body = b'{"type":"AgentHidden","agent":"a","until":"tomorrow"}'
    assert ev.decode(body, ev.VERSION) == ev.AgentHidden("a")


def test_the_names_on_the_wire_are_different() -> None:
    names = [kind.__name__ for kind in (*EVENT_KINDS, *INTENT_KINDS)]
    assert len(set(names)) == len(names)
