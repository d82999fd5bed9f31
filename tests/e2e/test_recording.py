"""What happened, looked at afterwards in a real terminal: the Timeline screen and the replay."""

import shlex
from pathlib import Path

from command_center.domain.intents import Send
from tests.e2e.conftest import Crew, Open
from tests.e2e.screen import Size
from tests.e2e.stage import Stage


def test_the_timeline_leads_from_a_lane_to_its_events(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("lane")
    agent = stage.launch(name, "a task to be found again")
    stage.center.ask(Send(agent.id, "and another"))
    stage.until_received(name, "a task to be found again", "and another")
    screen.press("T")
    screen.until_shown("Timeline", name, "one column is")
    # From whichever lane is first to that of this agent.
    for _ in stage.center.fleet.agents:
        screen.press("Down")
    screen.until_shown(f" {name}  ")
    screen.press("g", "]")
    screen.until_shown("prompt: a task to be found again")
    screen.press("Enter")
    screen.until_shown('"type": "LaunchIntended"')
    screen.escape()
    screen.until_shown("one column is")
    screen.escape()
    screen.until_shown("n new")


def test_an_exported_log_is_replayed_without_touching_anybody(
    stage: Stage, crew: Crew, size: Size, open_dashboard: Open, tmp_path: Path
) -> None:
    name = crew("star")
    agent = stage.launch(name, "play a part")
    file = tmp_path / "night.jsonl"
    stage.acc("log", "--export", str(file))
    replay = f'exec "$0" replay --speed 0.1 {shlex.quote(str(file))}'
    screen = open_dashboard(size, "sh", "-c", replay).screen
    screen.until_shown("0.1×", "▶")
    screen.press("Space")
    screen.until_shown("‖")
    # In a hundred steps it is at the end.
    screen.press(*["Right"] * 110)
    screen.until_row(name, "idle")
    screen.press("s")
    screen.until_shown("a replay is read-only")
    screen.press(*["Left"] * 110)
    screen.until_shown("No agents yet")
    screen.press("q")
    screen.until(lambda _: screen.is_over)
    assert stage.agent(name).pid == agent.pid
    assert stage.listed()[name] == "idle"
