"""Draws docs/dashboard.svg, the README's picture, from a real fleet of demo agents.

.venv/bin/python scripts/picture.py
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from command_center.cli.dashboard import dashboard
from command_center.domain.model import State
from command_center.domain.places import Places
from command_center.store.view import View

PICTURE = Path(__file__).parents[1] / "docs" / "dashboard.svg"
SIZE = (140, 26)
ACC = (sys.executable, "-m", "command_center.cli.main")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["COMMAND_CENTER_HOME"] = home
        places = Places.of(os.environ, Path.home())
        subprocess.run((*ACC, "demo", "--no-dashboard"), check=True, stdout=subprocess.DEVNULL)
        view = View(places.log)
        try:
            wait_for_questions(view)
            asyncio.run(draw(places, view))
        finally:
            view.close()
            subprocess.run(("tmux", "-L", places.socket, "kill-server"), check=False)


def wait_for_questions(view: View) -> None:
    """Until half of the fleet has finished and half waits for a permission."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        view.poll()
        states = sorted(agent.state for agent in view.fleet.agents.values())
        diffs = [a.diff is not None and a.diff.files > 0 for a in view.fleet.agents.values()]
        if states == [State.IDLE, State.IDLE, State.WAITING, State.WAITING] and all(diffs):
            return
        time.sleep(0.1)
    raise SystemExit("the demo agents did not come so far within a minute")


async def draw(places: Places, view: View) -> None:
    app = dashboard(places, view, places.data / "demo")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(2)
        await pilot.press("g")
        await pilot.pause(1)
        app.clear_notifications()
        await pilot.pause(0.5)
        PICTURE.write_text(app.export_screenshot(title="Command Center"), "utf-8")


if __name__ == "__main__":
    main()
