"""`acc doctor` says which models can be asked, and asks none."""

import pytest

from tests.cli.house import House

TWO = """
[models.frontier]
provider = "anthropic"
model = "big-1"
key = "BIG_KEY"
[models.on-device]
provider = "openai"
model = "small-1"
base_url = "http://127.0.0.1:9/v1"
"""


def told(house: House, settings: str) -> dict[str, tuple[object, object]]:
    house.places.settings.parent.mkdir(parents=True, exist_ok=True)
    house.places.settings.write_text(settings, "utf-8")
    rows = (row for row in house.rows("doctor") if str(row["area"]).startswith("model"))
    return {str(row["area"]): (row["level"], row["text"]) for row in rows}


def test_without_a_model_it_is_said_who_plans(house: House) -> None:
    [(area, (level, text))] = told(house, "").items()
    assert (area, level) == ("models", "note")
    assert "none for plans" in str(text)


def test_a_model_without_its_key_is_a_problem(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BIG_KEY", raising=False)
    assert told(house, TWO) == {
        "model frontier": ("problem", "big-1: no key; set BIG_KEY"),
        "model on-device": ("ok", "small-1 at http://127.0.0.1:9/v1"),
    }


def test_a_key_is_named_and_never_shown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIG_KEY", "sk-secret")
    assert told(house, TWO)["model frontier"] == ("ok", "big-1, key in BIG_KEY")
    assert "sk-secret" not in house.run("doctor").output


def test_models_that_cannot_be_read_are_a_problem(house: House) -> None:
    [(area, (level, text))] = told(house, "[models.frontier]\nprovider = 1\n").items()
    assert (area, level) == ("models", "problem")
    assert "config.toml: [models]" in str(text)


def test_settings_that_cannot_be_read_are_told_once(house: House) -> None:
    assert told(house, "models = 1\n") == {}
    assert house.run("doctor").exit_code == 1
