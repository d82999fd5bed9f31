"""The Usage screen, driven by its keys."""

import time

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from command_center.domain.errors import LogError
from command_center.domain.gauges import Gauge
from command_center.domain.model import Fleet
from command_center.domain.usage import RateWindow
from command_center.tui.charts import TimeChart
from command_center.tui.usage_report import Report
from tests.tui.test_snapshots import SnapCompare
from tests.tui.usage_reports import KNOWN, MIDNIGHT, MIXED, UNKNOWN, report
from tests.tui.world import Recording, World, fleet, running, shown, until, until_shown

SPENT = [(n, 900 * (n % 7) * (n % 5), 0.1 * (n % 4)) for n in range(47)]
WINDOWS = [
    RateWindow(300, 62.0, MIDNIGHT + 13.5 * 3600),
    RateWindow(10080, 93.0, MIDNIGHT + 4 * 86400),
]


@pytest.fixture
def asked(world: World, utc: None) -> list[int]:
    """The periods that the screen has asked for; it is told the same of each."""
    del utc
    periods = list[int]()

    def usage(_: Fleet, days: int) -> Report:
        periods.append(days)
        return report(KNOWN, UNKNOWN, MIXED, days=days, spent=SPENT, windows=WINDOWS)

    world.usage = usage
    world.now = MIDNIGHT + 12 * 3600
    fleet(world)
    return periods


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_it_shows_the_sums_the_plots_and_the_limits_of_today(
    world: World, asked: list[int], size: tuple[int, int]
) -> None:
    async with running(world, size) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "MONEY")
        for words in ("ada", "$1.50", "unknown", "~$12.00 + ?", "$13.50 + ?", "local-model"):
            assert words in shown(app)
        await until_shown(pilot, app, "█")
        for words in ("output tokens/s, by 15 min", "dollars at known prices, today", "06:00"):
            assert words in shown(app)
        assert "able 5 h               ━━━━━━━━━━──────  62%  resets 13:30" in shown(app)
        assert asked == [1]


@pytest.mark.usefixtures("asked")
async def test_it_tells_of_today_what_was_not_done_meanwhile(world: World) -> None:
    async with running(world, (80, 24)) as (app, pilot):
        words = "today 41 agent-minutes waiting, 20 agent-minutes idle: about 4.1k tokens"
        app.meters.lost_today = f"{words} of work"
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, f"{words} of wo…")
        await until_shown(pilot, app, "$13.50 + ?  22 messages")
        await pilot.press("right")
        await until(pilot, lambda: "agent-minutes waiting" not in shown(app), "it is a week now")


async def test_keys_turn_the_period_and_what_sums_are_told_apart_by(
    world: World, asked: list[int]
) -> None:
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, " AGENT ")
        await pilot.press("3")
        await until_shown(pilot, app, " TASK ")
        await pilot.press("tab")
        await until_shown(pilot, app, " REPOSITORY ")
        await pilot.press("right")
        await until_shown(pilot, app, "by 3 h")
        await pilot.press("left", "left")
        await until_shown(pilot, app, "by 12 h")
        assert set(asked) >= {1, 7, 30}


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
@pytest.mark.usefixtures("asked")
async def test_it_tells_how_fast_each_writes_and_what_its_day_was_made_of(
    world: World, size: tuple[int, int]
) -> None:
    written = Gauge("ada", world.now, rate=1.3, rate_minute=3.5, rate_hour=0.8, producing_s=4320.0)
    day = replace(written, busy_s=5400.0, waiting_s=2460.0, idle_s=7200.0)
    world.measure(day, Gauge("bell", world.now, rate_hour=0.2))
    async with running(world, size) as (app, pilot):
        await until(pilot, lambda: bool(app.meters.gauges), "measured")
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, " AGENT ")
        await pilot.press("5")
        await until_shown(pilot, app, "WRITING")
        lines = [line.split() for line in shown(app).splitlines()]
        assert [line for line in lines if line[:1] == ["ada"]] == [
            ["ada", "1.3", "3.5", "0.8", "10.0%", "90", "min", "41", "min", "2.0", "h"]
        ]
        [fleet_line] = [line for line in lines if line[:2] == ["all", "agents"]]
        assert fleet_line[2:6] == ["1.3", "3.5", "1.0", "5.0%"]


@pytest.mark.usefixtures("asked")
async def test_a_click_chooses_as_a_key_does(world: World) -> None:
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, " AGENT ")
        line = shown(app).splitlines()[0]
        await pilot.click(offset=(line.index("2 model") + 2, 0))
        await until_shown(pilot, app, " MODEL ")
        await pilot.click(offset=(line.index("30 days") + 1, 0))
        await until_shown(pilot, app, "by 12 h")


@pytest.mark.usefixtures("asked")
async def test_an_export_says_where_it_was_written(world: World) -> None:
    async with running(world, (200, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "MONEY")
        await pilot.press("e")
        await until_shown(pilot, app, "written: ")
    files = sorted(file.suffix for file in (world.places.data / "exports").iterdir())
    assert files == [".csv", ".json"]


@pytest.mark.usefixtures("asked")
async def test_an_export_that_fails_says_why(world: World) -> None:
    world.places.data.mkdir(parents=True, exist_ok=True)
    (world.places.data / "exports").write_text("a file where a folder should be")
    async with running(world, (200, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "MONEY")
        await pilot.press("e")
        await until_shown(pilot, app, "nothing was written: ")


@pytest.mark.usefixtures("asked")
async def test_counts_that_cannot_be_read_are_told(world: World) -> None:
    def usage(_: Fleet, days: int) -> Report:
        del days
        raise LogError("usage.sqlite: it is broken")

    world.usage = usage
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "usage.sqlite: it is broken")


@pytest.mark.usefixtures("asked")
async def test_plots_of_nothing_say_so_and_stay_empty(world: World) -> None:
    world.usage = lambda _, days: report(days=days)
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "nothing was counted today")
        await until_shown(pilot, app, "nothing yet")
        assert "┌" not in shown(app)


@pytest.mark.usefixtures("asked")
async def test_a_slow_count_holds_up_nothing(world: World) -> None:
    def usage(_: Fleet, days: int) -> Report:
        time.sleep(1)
        return report(KNOWN, days=days)

    world.usage = usage
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "reading…")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "it is closed")
        assert "reading…" not in shown(app)


@pytest.mark.usefixtures("asked")
async def test_keys_do_nothing_to_the_fleet_behind(world: World) -> None:
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "MONEY")
        await pilot.press("s", "space", "i", "x", "H")
        await pilot.pause()
        assert world.asked() == []
        assert app.screen.query(TimeChart)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_usage_in_a_picture(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    async def settle(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, Recording)
        await until(pilot, lambda: app.kit.is_known and world.starts, "the files are read")
        await pilot.press("dollar_sign")
        await until_shown(pilot, app, "█")

    assert snap_compare(world.app(), terminal_size=size, run_before=settle)
