import pytest
from msgspec import DecodeError

from command_center.domain.intents import Envelope, decode, encode
from command_center.domain.task_intents import AddTasks
from command_center.domain.tasks import Brief


def test_a_number_that_no_snapshot_holds_is_refused_at_the_border() -> None:
    taken = Envelope("i", 1.0, "cli", AddTasks((Brief("x", priority=2**63 - 1),)))
    assert decode(encode(taken)) == taken
    refused = encode(Envelope("i", 1.0, "cli", AddTasks((Brief("x", priority=2**70),))))
    with pytest.raises(DecodeError):
        decode(refused)
