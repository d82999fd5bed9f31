"""Runs side by side on a screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from command_center.cli.run_diff import code_diff
from command_center.domain import events as ev
from command_center.domain.model import Repo
from command_center.tui.compare_screen import CompareScreen
from command_center.tui.curves import CurveChart
from tests.gitrepo import commit, make_repository, write
from tests.tui import runs
from tests.tui.world import Recording, World, running, shown, until, until_shown


@asynccontextmanager
async def comparing(
    world: World, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Recording, Pilot[None]]]:
    """All runs marked, and c pressed."""
    async with running(world, size) as (app, pilot):
        await pilot.press("X", "asterisk", "c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "they are compared")
        yield app, pilot


def two(world: World, *commits: str) -> None:
    commits = commits or (runs.ORDER.commit,) * 2
    for name, result, rate, at in zip(
        ("R1", "R2"), (2.991, 2.874), (0.001, 0.003), commits, strict=True
    ):
        order = replace(runs.ORDER, config={"lr": rate, "depth": 4}, commit=at)
        runs.ended(world, name, result, order, is_seen=True)
        runs.learn(world, name, result, metric="val_bpb")


async def test_the_curves_of_all_stand_in_one_plot_each_with_its_name(world: World) -> None:
    two(world)
    async with comparing(world) as (app, pilot):
        await until_shown(pilot, app, "val_bpb")
        await until(
            pilot, lambda: app.screen.query_one(CurveChart).border_subtitle == "", "it is drawn"
        )
        plot = [line for line in shown(app).splitlines() if line.startswith("│")]
        assert any("R1" in line for line in plot)
        assert any("R2" in line for line in plot)


async def test_the_best_comes_first_and_columns_are_what_differs(world: World) -> None:
    two(world)
    async with comparing(world) as (app, pilot):
        await until_shown(pilot, app, "Compare  R2 R1")
        head = next(line for line in shown(app).splitlines() if "VAL_BPB" in line)
        assert "LR" in head
        assert "DEPTH" not in head
        assert "0.003" in shown(app)


async def test_arrows_turn_to_another_metric(world: World) -> None:
    two(world)
    runs.learn(world, "R1", 1.0, metric="accuracy")
    async with comparing(world) as (app, pilot):
        await until_shown(pilot, app, "val_bpb  1 of 2")
        await pilot.press("right")
        await until_shown(pilot, app, "accuracy  2 of 2")


async def test_d_shows_what_differs_in_their_code(world: World, tmp_path: Path) -> None:
    root = make_repository(tmp_path / "shop")
    write(root / "train.py", "rate = 1\n")
    old = commit(root, "change")
    write(root / "train.py", "rate = 2  # \x1b[31mred\n")
    new = commit(root, "change")
    world.happen(ev.RepositoryAdded(Repo("shop", "shop", str(root), str(root / ".git"))))
    two(world, old, new)
    world.code_diff = code_diff
    async with comparing(world) as (app, pilot):
        await pilot.press("d")
        await until_shown(pilot, app, "-rate = 1")
        assert "+rate = 2  # red" in shown(app)
        assert f"R1 {old[:10]} → R2 {new[:10]}" in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: "rate = 1" not in shown(app), "the plot is back")


async def test_runs_of_one_commit_have_the_same_code(world: World, tmp_path: Path) -> None:
    root = make_repository(tmp_path / "shop")
    write(root / "train.py", "rate = 1\n")
    at = commit(root, "change")
    world.happen(ev.RepositoryAdded(Repo("shop", "shop", str(root), str(root / ".git"))))
    two(world, at, at)
    world.code_diff = code_diff
    async with comparing(world) as (app, pilot):
        await pilot.press("d")
        await until_shown(pilot, app, "the same code")


async def test_commits_that_git_does_not_know_are_told(world: World, tmp_path: Path) -> None:
    root = make_repository(tmp_path / "shop")
    world.happen(ev.RepositoryAdded(Repo("shop", "shop", str(root), str(root / ".git"))))
    two(world)
    world.code_diff = code_diff
    async with comparing(world) as (app, pilot):
        await pilot.press("d")
        await until_shown(pilot, app, "object")


async def test_runs_without_a_figure_say_so(world: World) -> None:
    runs.queued(world, "R1")
    runs.queued(world, "R2")
    async with comparing(world) as (app, pilot):
        await until_shown(pilot, app, "no figures yet")


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (200, 60)])
async def test_it_fits_any_screen(world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)
    async with comparing(world, size) as (app, pilot):
        await until_shown(pilot, app, "VAL_BPB")
        assert max(map(len, shown(app).splitlines())) <= size[0]
