from pathlib import Path

import pytest

from command_center.domain.errors import SpecError
from command_center.store.settings import Settings, read_project_settings, read_settings


def test_a_missing_file_is_all_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "config.toml") == Settings()


def test_what_is_set_counts(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("setup = \"make 'all of it'\"\nbranch = 'x/{name}'")
    settings = read_project_settings(file)
    assert settings.setup_argv == ["make", "all of it"]
    assert settings.branch == "x/{name}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"brnch = 'x'", "unknown key 'brnch' (did you mean 'branch'?)"),
        (b'setup = "make \'all"', "No closing quotation"),
        (b"setup_timeout_s = 0", "setup_timeout_s"),
        (b"setup = ", "not valid TOML"),
        (b"\xff", "can't decode byte"),
    ],
)
def test_a_mistake_names_the_file(tmp_path: Path, body: bytes, told: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(body)
    with pytest.raises(SpecError) as caught:
        read_project_settings(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert told in str(caught.value)


def test_a_terminal_without_a_place_for_the_command_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("terminal = ['xterm']")
    with pytest.raises(SpecError, match=r"needs the word '\{command\}'"):
        read_settings(file)


def test_budgets_and_limits_are_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[budget]\nday = "5usd"\n[limits]\nresume = true\npause = [1, 2]\n')
    settings = read_settings(file)
    assert (settings.budget.day, settings.budget.agent) == ("5usd", "")
    assert (settings.limits.resume, settings.limits.pause) == (True, (1.0, 2.0))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('[budget]\nday = "5"', "'5' is no amount; write 5usd, 200ktok"),
        ('[budget]\nweek = "5usd"', "unknown key 'budget.week'"),
        ("[limits]\nmost = 0", "most"),
        ("[limits]\npause = [1]", "pause"),
    ],
)
def test_a_mistake_in_a_budget_or_limit_names_the_file(
    tmp_path: Path, body: str, told: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(body)
    with pytest.raises(SpecError) as caught:
        read_settings(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert told in str(caught.value)
