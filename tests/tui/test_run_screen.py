"""One run on a screen of its own, driven by its keys."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain import run_events as rev
from command_center.domain.errors import NotFound
from command_center.domain.runs import RunLife
from command_center.store.run_files import Use, log_tail, read_use
from command_center.tui.curves import CurveChart
from command_center.tui.doors import pager_argv
from command_center.tui.run_screen import RunScreen
from tests.tui import runs
from tests.tui.world import Recording, World, running, shown, until, until_shown


def main_chart(app: Recording) -> CurveChart:
    return app.screen.query_one("#run-main", CurveChart)


async def test_it_shows_what_is_known_the_curve_and_the_output(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 50)) as (app, pilot):
        await pilot.press("X", *"jjjjjj", "enter")
        await until_shown(pilot, app, "Run R7  gpu preset · seed 0")
        for words in (
            "R7 ◐ running for 2m",
            "58.5 CPU seconds",
            "at most 7.44 GiB",
            "holds 4 cpu gpu 0",
            "train_bpb  1 of 2",
            "CPUs in use",
            "step: 390 | train_bpb: 3.6667",
        ):
            await until_shown(pilot, app, words)


async def test_it_shows_how_it_ended_and_why(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 50)) as (app, pilot):
        await pilot.press("X", "G", "enter")
        await until_shown(pilot, app, "R4 ✗ crashed for 5m")
        await until_shown(pilot, app, "RuntimeError: the loss is no number")
        assert "status 1" in shown(app)


async def test_a_result_stands_against_the_best_before_it(world: World) -> None:
    world.repo("shop")
    runs.ended(world, "R1", 3.0, ago=900)
    runs.ended(world, "R2", 2.9, ago=10)
    async with running(world, (160, 50)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "val_bpb 2.9 (−0.1 on the best before)")


async def test_the_curve_grows_while_it_is_looked_at(world: World) -> None:
    runs.running(world, "R1")
    runs.tell(world, "R1", "loss", 3.0, 2.0)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "20")
        assert "8000" not in shown(app)
        runs.tell(world, "R1", "loss", *(2.0 / step for step in range(1, 801)))
        await until_shown(pilot, app, "8000")


async def test_output_appears_as_it_is_printed_without_its_control_sequences(world: World) -> None:
    runs.running(world, "R1")
    runs.print_(world, "R1", "first\n")
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "first")
        runs.print_(world, "R1", "10%\r90%\r\x1b]0;evil\x07\x1b[2J\x1b[31mdone\x1b[0m\u202e\n")
        await until_shown(pilot, app, "done")
        assert "evil" not in shown(app)
        assert "90%" not in shown(app)


async def test_arrows_turn_to_another_metric(world: World) -> None:
    runs.running(world, "R1")
    for metric in ("loss", "accuracy"):
        runs.learn(world, "R1", 1.0, metric=metric)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "loss  1 of 2")
        await pilot.press("right")
        await until_shown(pilot, app, "accuracy  2 of 2")
        await until(pilot, lambda: main_chart(app).border_subtitle == "", "it is drawn")
        await pilot.press("left")
        await until_shown(pilot, app, "loss  1 of 2")


async def test_values_that_are_no_numbers_are_gaps(world: World) -> None:
    runs.running(world, "R1")
    runs.tell(world, "R1", "loss", 3.0, float("nan"), float("inf"), 1e300, 2.0)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "loss")
        await until(pilot, lambda: main_chart(app).border_subtitle == "", "it is drawn")


async def test_a_run_that_waits_says_for_what(world: World) -> None:
    runs.queued(world, "R1")
    world.happen(rev.RunWaits("R1", "waits for 2 GPUs"))
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "waits for 2 GPUs")
        assert "no figures yet" in shown(app)


async def test_it_follows_the_run_to_its_end(world: World) -> None:
    runs.running(world, "R1")
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until_shown(pilot, app, "◐ running")
        world.happen(rev.RunEnded("R1", RunLife.TIMED_OUT, "over 600 s", -15))
        await until_shown(pilot, app, "▲ timed out")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "both are closed")


async def test_a_log_opens_only_when_there_is_one(world: World) -> None:
    runs.running(world, "R1")
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("X", "enter", "L")
        await until_shown(pilot, app, "R1 has printed nothing yet")


async def test_hostile_names_reach_the_screen_as_plain_text(world: World) -> None:
    evil = "\x1b[2J[red]x[/red] #{pane_id}\u202e"
    order = replace(runs.ORDER, name=evil, metric="loss", config={evil: evil})
    runs.running(world, "R1", order)
    runs.tell(world, "R1", "loss", 1.0, 2.0)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "it is open")
        await until_shown(pilot, app, "[red]x[/red] #{pane_id}")
        assert "\x1b" not in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (200, 60)])
async def test_it_fits_any_screen(world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)
    async with running(world, size) as (app, pilot):
        await pilot.press("X", *"jjjjjj", "enter")
        await until_shown(pilot, app, "R7 ◐ running")
        await until_shown(pilot, app, "step: 390")


def test_the_tail_of_a_log_is_whole_lines_without_control_characters(tmp_path: Path) -> None:
    assert log_tail(tmp_path) == []
    (tmp_path / "log.txt").write_bytes(b"one\ntwo \x1b[1mbold\x1b[0m\nspin |\rspin /\r\ntail \xff")
    assert log_tail(tmp_path) == ["one", "two bold", "spin /", "tail \ufffd"]
    assert log_tail(tmp_path, 24)[-2:] == ["spin /", "tail \ufffd"]
    assert "one" not in log_tail(tmp_path, 24)


def test_what_a_run_has_used_is_told_by_its_end_before_its_last_word(tmp_path: Path) -> None:
    assert read_use(tmp_path) is None
    (tmp_path / "now.json").write_text(json.dumps({"cpu_s": 1.5, "memory_bytes": 7}))
    assert read_use(tmp_path) == Use(1.5, 7)
    (tmp_path / "end.json").write_text(json.dumps({"cpu_s": 2.5, "peak_bytes": 9, "clock": 1.0}))
    assert read_use(tmp_path) == Use(2.5, 0, 9)


def test_the_pager_is_the_users_own(tmp_path: Path) -> None:
    for name in ("less", "most"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    path = {"PATH": str(tmp_path)}
    assert list(pager_argv(path)) == ["less"]
    assert list(pager_argv({**path, "PAGER": "most -s"})) == ["most", "-s"]
    with pytest.raises(NotFound, match="'gone' is not installed; set PAGER"):
        pager_argv({**path, "PAGER": "gone"})
    with pytest.raises(NotFound, match="PAGER '\"' cannot be read"):
        pager_argv({**path, "PAGER": '"'})
