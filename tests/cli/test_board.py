"""`acc board` and the scopes of `acc launch`."""

from command_center.domain import events as ev
from command_center.domain.board_events import NotePosted, PathsReserved, ProgressReported
from command_center.domain.intents import Launch
from tests.cli.house import NOW, House


def told(house: House) -> None:
    house.add_agent("ada")
    house.add_agent("bob")
    house.write(
        NotePosted("ada-1a2b", "ada", "The API moved."),
        NotePosted("bob-1a2b", "bob", "Thanks \x1b]0;owned\x07!", to="ada-1a2b"),
        ProgressReported("bob-1a2b", "half way", 50),
        PathsReserved("ada-1a2b", "ada-launch", "r1", ("src", "docs/*.md"), "renaming"),
        PathsReserved("bob-1a2b", "old-launch", "r1", ("tests",)),
    )


def test_the_board_shows_notes_progress_and_standing_reservations(house: House) -> None:
    told(house)
    lines = house.run("board").stdout.splitlines()
    assert [line.split(" ", 2)[2].split() for line in lines] == [
        ["ada", "The", "API", "moved."],
        ["bob", "to", "ada", "Thanks", "!"],
        ["bob", "is", "at", "half", "way", "(50", "%)"],
        ["ada", "reserves", "src", "docs/*.md", "(renaming)"],
    ]


def test_the_board_is_json_for_programs(house: House) -> None:
    told(house)
    rows = house.rows("board", "--last", "1")
    assert [row["kind"] for row in rows] == ["note", "progress", "reservation"]
    assert (rows[0]["name"], rows[0]["to"], rows[0]["at"]) == ("bob", "ada", NOW)
    assert rows[2]["paths"] == ["src", "docs/*.md"]


def test_an_agent_is_shown_with_what_it_told(house: House) -> None:
    told(house)
    words = house.run("show", "bob").stdout.split()
    assert words[-4:] == ["50", "%:", "half", "way"]
    assert house.run("show", "ada").stdout.split()[-3:] == ["reserves", "src", "docs/*.md"]


def test_an_agent_that_ended_reserves_nothing(house: House) -> None:
    told(house)
    house.write(ev.ProcessEnded("ada-1a2b", "ada-launch", 0))
    assert "reserves" not in house.run("board").stdout


def test_an_empty_board_says_so(house: House) -> None:
    house.add_agent("ada")
    assert "nothing is on the board" in house.run("board").stderr


def test_a_launch_names_its_scopes(house: House) -> None:
    assert Launch("demo", "/r").scopes is None
    for words, scopes in (
        (("--scope", "report", "--scope", "ask"), ("report", "ask")),
        (("--scope", "none"), ()),
        ((), None),
    ):
        house.run("launch", "demo", "--no-wait", *words)
        launch = house.intents()[-1]
        assert isinstance(launch, Launch)
        assert launch.scopes == scopes
    assert house.run("launch", "demo", "--scope", "everything").exit_code == 2
