"""Which addresses in a pane may be opened, and where they stand."""

import pytest

from command_center.tui.ansi import PLAIN
from command_center.tui.links import link_at, openable
from command_center.tui.pane_rows import Row


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "https:///path",
        "https://user:pass@bank.example",
        "https://bank.example@evil.example",
        "https://b\u0430nk.example",
        "https://x.example/\u202etxt",
        "https://x.example/a b",
        "https://x.example/\n",
        "https://[::1",
        "http://x.example/" + "a" * 3000,
        "-https://x.example",
        "",
    ],
)
def test_what_may_not_be_opened(address: str) -> None:
    assert openable(address) == ""


@pytest.mark.parametrize("address", ["http://localhost:3000", "https://x.example/a?b=c&d=%20#e"])
def test_what_may_be_opened(address: str) -> None:
    assert openable(address) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://x.example/a.", "https://x.example/a"),
        ("(https://x.example/a_(b))", "https://x.example/a_(b)"),
        ('"https://x.example/a"', "https://x.example/a"),
        ("**https://x.example**", "https://x.example"),
        ("日本 https://x.example", "https://x.example"),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text: str, address: str) -> None:
    found = {link_at(Row(text, PLAIN), column) for column in range(60)}
    assert found == {"", address}


def test_only_the_columns_of_an_address_lead_there() -> None:
    row = Row("日 http://x.example y", PLAIN)
    assert [bool(link_at(row, column)) for column in (2, 3, 18, 19)] == [False, True, True, False]


def test_a_link_of_the_program_wins_over_what_it_wrote() -> None:
    raw = "\x1b]8;id=1;https://real.example\x1b\\http://shown.example\x1b]8;;\x1b\\ end"
    assert link_at(Row(raw, PLAIN), 3) == "https://real.example"
    assert link_at(Row(raw, PLAIN), 22) == ""


def test_a_link_that_may_not_be_opened_leads_nowhere() -> None:
    raw = "\x1b]8;;file:///etc/passwd\x07text\x1b]8;;\x07"
    assert link_at(Row(raw, PLAIN), 1) == ""
