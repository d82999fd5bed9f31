from pathlib import Path

import pytest

from command_center.store.habits import Habits, read_habits, write_habits

SHOP, API = Path("/src/shop"), Path("/src/api")


def test_a_repository_keeps_the_layout_that_was_chosen_in_it(tmp_path: Path) -> None:
    habits = Habits().having_layout(SHOP, "grid").having_layout(API, "focus")
    write_habits(tmp_path / "state" / "habits.json", habits)
    found = read_habits(tmp_path / "state" / "habits.json")
    assert (found.layout(SHOP), found.layout(API)) == ("grid", "focus")


def test_elsewhere_the_last_choice_counts() -> None:
    habits = Habits().having_layout(SHOP, "grid").having_layout(API, "focus")
    assert habits.layout(Path("/src/new")) == habits.layout(None) == "focus"


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b'{"layouts": {"": 7}}'])
def test_a_broken_file_is_no_habits(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "habits.json"
    file.write_bytes(body)
    assert read_habits(file) == Habits()
