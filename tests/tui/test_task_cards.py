"""The task board and the details as values."""

import pytest
from rich.cells import cell_len

from command_center.domain import task_events as tev
from command_center.domain.model import Fleet
from command_center.domain.tasks import Brief, Life
from command_center.domain.usage import Tokens
from command_center.tui.board_plan import planned
from command_center.tui.figures import Part
from command_center.tui.task_cards import Facts, Lane, lanes_of, shared_widths, wrapped
from command_center.tui.task_details import detail_lines
from command_center.tui.task_inbox import inbox_entries
from command_center.tui.usage_report import Share
from tests.tui.tasks import backlog, task
from tests.tui.world import World

HOSTILE = "\x1b]0;x\x07$(id) #{pane_id} [bold]\u202e`x` \x9b31m"


def newest(world: World) -> Fleet:
    world.view.poll()
    return world.view.fleet


def facts(world: World, **costs: Share) -> Facts:
    return Facts(newest(world), world.now, costs)


def said(parts: tuple[Part, ...]) -> str:
    return "".join(text for text, _ in parts)


def ids(world: World, lane: Lane) -> list[str]:
    return [task.id for task in lanes_of(newest(world))[lane]]


def test_each_task_stands_in_the_column_of_its_life(world: World) -> None:
    backlog(world)
    assert {lane: ids(world, lane) for lane in Lane} == {
        Lane.DRAFT: ["T8"],
        Lane.QUEUED: ["T5", "T6", "T7"],
        Lane.RUNNING: ["T3"],
        Lane.CHECK: ["T4"],
        Lane.REVIEW: ["T2"],
        Lane.DONE: ["T1", "T9"],
    }


def test_queued_tasks_stand_in_the_order_in_which_they_are_served(world: World) -> None:
    world.repo("shop")
    task(world, 1, "last")
    task(world, 2, "holds up another")
    task(world, 3, "urgent", brief=Brief("", priority=5))
    task(world, 4, "after", brief=Brief("", needs=("T2",)))
    assert ids(world, Lane.QUEUED) == ["T3", "T2", "T1", "T4"]


def test_what_waits_for_the_user_stands_on_top(world: World) -> None:
    world.repo("shop")
    for number, name in enumerate(("ada", "bell"), 1):
        world.agent(name)
        held = "waits for your yes" if name == "bell" else ""
        task(world, number, name, Life.CHECK, agent=name, held=held)
    assert ids(world, Lane.CHECK) == ["T2", "T1"]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_columns_fill_the_width_and_empty_ones_give_way(width: int) -> None:
    widths = shared_widths([0, 3, 1, 0, 2, 0], width)
    assert sum(widths) + 5 == width
    assert min(widths[1], widths[2], widths[4]) >= max(widths[0], widths[3], widths[5], 0)


@pytest.mark.parametrize("size", [(60, 10), (80, 24), (200, 60)])
def test_no_line_of_a_card_is_wider_than_its_column(world: World, size: tuple[int, int]) -> None:
    backlog(world)
    task(world, 10, f"unbreakable{'x' * 90} {HOSTILE} 長い題名" * 3)
    plan = planned(lanes_of(newest(world)), facts(world), *size)
    for width, lines in zip(plan.widths, plan.lanes, strict=True):
        assert all(cell_len(said(line.parts)) <= width - 2 for line in lines)


def test_titles_and_reasons_are_plain_on_cards_and_in_details(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    brief = Brief("", prompt=HOSTILE, tags=(HOSTILE,), touches=(HOSTILE,))
    name = task(
        world, 1, HOSTILE, Life.CHECK, agent="ada", held=HOSTILE, output=HOSTILE, brief=brief
    )
    known = facts(world)
    plan = planned(lanes_of(known.fleet), known, 80, 24)
    lines = [said(line.parts) for line in plan.lanes[Lane.CHECK]]
    lines += map(said, detail_lines(known.fleet.tasks[name], known, 60))
    lines += [said(line) for entry in inbox_entries(known, 60) for line in entry.lines]
    assert all(character.isprintable() for line in lines for character in line)
    assert any("$(id)" in line for line in lines)


def test_the_details_tell_check_cost_changes_and_what_its_agent_was_told(world: World) -> None:
    backlog(world)
    share = Share("T2", Tokens(40_000, 5_100), 12, 0.42)
    known = facts(world, T2=share)
    text = "\n".join(map(said, detail_lines(known.fleet.tasks["T2"], known, 60)))
    for words in (
        "T2 ● feature · review",
        "Branch    tasks/t2 from 1111111111",
        "Cost      6m · 45.1k tok · $0.42",
        "`pytest -q` passes within 10m",
        "Files     src/tokens.py",
        "finished: its turn is over",
        "12 passed in 0.8s",
    ):
        assert words in text


@pytest.mark.parametrize("width", [24, 60, 100])
def test_no_line_of_the_details_is_wider_than_its_room(world: World, width: int) -> None:
    backlog(world)
    known = facts(world)
    for each in known.fleet.tasks.values():
        lines = detail_lines(each, known, width)
        assert max(cell_len(said(line)) for line in lines) <= width


def test_the_inbox_begins_with_what_holds_up_the_most(world: World) -> None:
    backlog(world)
    entries = [entry.id for entry in inbox_entries(facts(world), 100) if entry.id]
    assert entries == ["T4", "T2", "T1", "T9"]


def test_an_empty_inbox_says_so(world: World) -> None:
    [_, empty] = inbox_entries(facts(world), 80)
    assert "nothing waits for you" in said(empty.lines[0])


def test_a_placement_is_shown_on_the_card_before_it_happens(world: World) -> None:
    world.repo("shop")
    task(world, 1, "Search")
    world.happen(tev.PlacementProposed("T1", "new able", "no idle agent fits, and there is room"))
    plan = planned(lanes_of(newest(world)), facts(world), 200, 20)
    assert "→ new able" in said(plan.lanes[Lane.QUEUED][1].parts)


def test_words_too_long_for_a_line_are_broken() -> None:
    assert wrapped("aaaa bb cc", 4) == ["aaaa", "bb", "cc"]
    assert wrapped("abcdefgh", 3) == ["abc", "def", "gh"]
    assert wrapped("one two three", 7, 1) == ["one tw…"]
    assert wrapped("", 5) == [""]
