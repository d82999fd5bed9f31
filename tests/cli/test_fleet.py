import json
import time
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.gauges import Gauge
from command_center.domain.model import Diff, Source, State
from command_center.store.gauges import GaugeStore
from tests.cli.house import House


@pytest.fixture
def fleet(house: House) -> House:
    """Ada works, alan waits, anita is done."""
    for name, state in (("ada", State.BUSY), ("alan", State.WAITING), ("anita", State.IDLE)):
        house.add_agent(name, prompt=f"task of {name}")
        house.say(name, state, "run `make`?" if state is State.WAITING else "")
    return house


def test_those_that_need_the_user_come_first(fleet: House) -> None:
    names = [line.split()[0] for line in fleet.run("list").stdout.splitlines()]
    assert names == ["NAME", "alan", "ada", "anita"]


def test_the_columns_are_aligned(fleet: House) -> None:
    head, *rows = fleet.run("list").stdout.splitlines()
    for title, cells in (("STATE", ("waiting", "busy", "idle")), ("TASK", ("task of",) * 3)):
        assert [row.index(cell) for row, cell in zip(rows, cells, strict=True)] == [
            head.index(title)
        ] * 3


def test_a_wide_name_keeps_the_columns_aligned(house: House) -> None:
    house.add_agent("ada", prompt="x")
    house.write(ev.AgentHidden("ada-1a2b"))
    house.say("ada", State.WAITING, "漢字")
    house.add_agent("alan", prompt="y")
    house.say("alan", State.BUSY)
    _, first, second = house.run("list").stdout.splitlines()
    # The two wide characters take a column more than Python counts.
    assert first.index("demo: no model") + 2 == second.index("demo: no model")


def test_an_agent_without_a_model_says_so(fleet: House) -> None:
    assert fleet.run("list").stdout.count("demo: no model") == 3


def test_the_list_can_be_narrowed_to_a_state(fleet: House) -> None:
    assert [row["name"] for row in fleet.rows("list", "--state", "waiting")] == ["alan"]


def test_a_row_for_programs_has_the_facts(fleet: House) -> None:
    fleet.write(ev.DiffMeasured("alan-1a2b", Diff(added=3, removed=1, files=2)))
    [row] = fleet.rows("list", "--state", "waiting")
    assert (row["kind"], row["state"], row["source"]) == ("agent", "waiting", "osc7501")
    assert (row["reason"], row["branch"]) == ("run `make`?", "agents/alan")
    assert row["diff"] == {"added": 3, "removed": 1, "files": 2, "uncommitted": 0, "ahead": 0}


def test_control_sequences_in_a_task_never_reach_the_terminal(house: House) -> None:
    house.add_agent("ada", prompt="\x1b]0;gotcha\x07\x1b[31mred\x1b[0m\x9b2J task\u202e")
    house.say("ada", State.WAITING, "\x1b[2Jreally?")
    house.write(ev.PromptHeld("ada-1a2b", "p1", "\x1b[2Jheld"))
    for command in (["list"], ["show", "ada"], ["explain", "ada"], ["log"]):
        shown = house.run(*command).stdout
        assert "red" in shown or "really?" in shown
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}, command


def test_a_list_nobody_keeps_up_to_date_says_so(fleet: House) -> None:
    assert fleet.run("list").stderr == ""
    fleet.lock.release()
    assert "no supervisor is running" in fleet.run("list").stderr


def test_an_empty_fleet_prints_no_data(house: House) -> None:
    result = house.run("list")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "acc launch" in result.stderr


def test_show_tells_prompts_with_their_proof(fleet: House) -> None:
    fleet.write(
        ev.PromptTyping("ada-1a2b", "p1"),
        ev.PromptTyped("ada-1a2b", "p1", "pasted 11 characters"),
        ev.PromptAccepted("ada-1a2b", "p1", "osc7501: busy"),
    )
    shown = fleet.run("show", "ada").stdout
    assert "osc7501: busy" in shown
    assert "accepted" in shown
    [row] = fleet.rows("show", "ada")
    receipts = row["receipts"]
    assert isinstance(receipts, list)
    assert receipts[0]["proof"] == "osc7501: busy"


def test_explain_shows_each_source_with_its_evidence(fleet: House) -> None:
    fleet.say("ada", State.IDLE, source=Source.TITLE)
    lines = fleet.run("explain", "ada").stdout.splitlines()
    assert lines[0].startswith("ada is busy, said by osc7501")
    # What an agent asks through our own tools stands there only while it does.
    rungs = [source for source in Source if source is not Source.TOOLS]
    assert [line.split()[0] for line in lines[1:]] == ["SOURCE", *rungs]
    [osc] = [line for line in lines if line.startswith("osc7501")]
    assert "believed" in osc
    assert osc.endswith("osc7501 said busy")
    spoken = [row["source"] for row in fleet.rows("explain", "ada") if row["state"]]
    assert spoken == ["osc7501", "title"]


def test_explain_names_what_was_withdrawn_and_what_never_spoke(fleet: House) -> None:
    fleet.say("ada", State.IDLE, source=Source.SCREEN)
    fleet.write(ev.ClaimWithdrawn("ada-1a2b", "ada-launch", Source.SCREEN))
    rungs = {row["source"]: row for row in fleet.rows("explain", "ada")}
    assert rungs["screen"]["state"] == "idle"
    assert rungs["screen"]["verdict"] == "does not count any more: what it told of is gone"
    assert (rungs["published"]["state"], rungs["published"]["at"]) == (None, 0.0)


def test_a_saved_verdict_is_a_case_of_the_corpus(fleet: House, tmp_path: Path) -> None:
    fleet.say("ada", State.IDLE, f"in {Path.home()}/x", source=Source.TITLE)
    file = tmp_path / "case.jsonl"
    result = fleet.run("explain", "ada", "--save", str(file))
    assert result.stdout == f"{file}\n"
    first, *lines = map(json.loads, file.read_text("utf-8").splitlines())
    assert first["spec"] == "demo"
    assert [(line["claim"]["source"], line["claim"]["state"]) for line in lines[:-1]] == [
        ("osc7501", "busy"),
        ("title", "idle"),
    ]
    assert lines[1]["claim"]["reason"] == "in ~/x"
    assert lines[-1]["state"] == "busy"
    again = fleet.run("explain", "ada", "--save", str(file))
    assert again.exit_code
    assert "name another FILE" in again.stderr


def test_a_unique_beginning_of_a_name_is_enough(fleet: House) -> None:
    assert [row["name"] for row in fleet.rows("show", "ani")] == ["anita"]


def test_a_beginning_that_fits_several_is_refused_with_all_of_them(fleet: House) -> None:
    result = fleet.run("show", "a")
    assert result.exit_code == 3
    assert result.stderr == "acc: 'a' fits ada, alan, anita; say which\n"


def test_an_unknown_agent_is_told_near_names(fleet: House) -> None:
    result = fleet.run("show", "aln")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "did you mean alan" in result.stderr


def test_an_agent_is_shown_with_how_fast_it_writes_and_what_its_day_was_made_of(
    fleet: House,
) -> None:
    now = time.time()
    measured = Gauge("ada-1a2b", now, rate=2.0, rate_minute=1.5, rate_hour=0.5, waiting_s=120.0)
    store = GaugeStore(fleet.places.gauges)
    store.save({"ada-1a2b": measured}, None)
    store.close()
    told = fleet.run("show", "ada").stdout
    assert "2.0 tokens/s now, 1.5 in the last minute, 0.5 in the last hour" in told
    assert "waiting 2 min" in told
    pace = {row["name"]: row.get("pace") for row in fleet.rows("list")}
    assert pace["alan"] is None
    assert isinstance(pace["ada"], dict)
    assert (pace["ada"]["hour"], pace["ada"]["waiting_s"]) == (0.5, 120.0)
