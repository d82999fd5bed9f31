from collections.abc import Iterable

import pytest

from command_center.domain import events as ev
from command_center.domain.intents import Intent, Retag
from tests.cli.house import House, Supervising


def done(intent: str, asked: Intent) -> Iterable[ev.Event]:
    yield ev.IntentTaken(intent, type(asked).__name__)
    yield ev.IntentDone(intent, getattr(asked, "agent", ""))


def test_tags_are_given_and_taken_away_at_once(house: House) -> None:
    house.add_agent("ada")
    house.add_agent("bell")
    with Supervising(house, done) as supervising:
        result = house.run("tag", "ada", "bell", "+api", "-old", "+v2")
    wanted = [Retag(name, ("api", "v2"), ("old",)) for name in ("ada-1a2b", "bell-1a2b")]
    assert supervising.taken == wanted
    assert (result.exit_code, result.stdout) == (0, "ada tagged\nbell tagged\n")


@pytest.mark.parametrize(
    ("words", "said"), [(("ada",), "name a tag, as in +api"), (("+api",), "name an agent")]
)
def test_half_a_request_is_no_request(house: House, words: tuple[str, ...], said: str) -> None:
    house.add_agent("ada")
    result = house.run("tag", *words)
    assert (result.exit_code, house.intents()) == (2, [])
    assert said in result.stderr
