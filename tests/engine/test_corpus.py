"""What agents told of themselves, as recorded from real CLIs, and what we make of it.

One case per file: a first line that names the spec, then one thing told per line (`at` in seconds:
an `osc` report, a `hook` with its payload, a `title`, or the CLI's state `file`), and lines that
say what the agent must be by then. A state file's own times are seconds as well.
"""

import json
import os
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.model import Agent, Order
from command_center.domain.places import Places
from command_center.drivers.tmux import TmuxServer
from command_center.engine.core import Engine
from command_center.engine.listener import Listener
from command_center.engine.state_files import StateFiles
from command_center.store.inbox import Inbox
from command_center.store.log import EventLog
from command_center.store.settings import Settings

CASES = sorted((Path(__file__).parents[1] / "corpus" / "states").glob("*.jsonl"))
START = 1_700_000_000.0
PID = 4242


class Replay:
    """One agent of the engine, told of by files as its CLI, its hooks and its pane write them."""

    def __init__(self, root: Path, spec: str) -> None:
        self._root = root
        self._now = START
        places = Places.of({"COMMAND_CENTER_HOME": str(root / "home")}, root)
        self._log = EventLog(places.log)
        config = {name: str(root / "config") for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME")}
        self._engine = Engine(
            places,
            self._log,
            TmuxServer(places.socket),
            settings=Settings(),
            environ=config,
            clock=lambda: self._now,
        )
        self._signals = Inbox(places.signals)
        self._listener = Listener(self._engine, self._signals)
        self._state_files = StateFiles(self._engine)
        order = Order(spec, "repo", "branch", "HEAD", str(root))
        self._engine.record(
            ev.LaunchIntended("ada-1", "ada", "first", order),
            ev.WorktreeAdded("ada-1", "0" * 40),
            ev.PaneOpened("ada-1", "first", "%1"),
            ev.ProcessStarted("ada-1", "first", PID),
        )

    @property
    def agent(self) -> Agent:
        return self._engine.fleet.agents["ada-1"]

    def tell(self, line: dict[str, object]) -> None:
        seconds = line["at"]
        assert isinstance(seconds, int | float)
        self._now = START + seconds
        match line:
            case {"osc": dict(report)}:
                self._signal({"source": "osc7501", **report})
            case {"title": str(title)}:
                self._signal({"source": "title", "text": title})
            case {"hook": str(event), "payload": payload}:
                self._signal({"source": "hook", "event": event}, payload)
            case {"file": dict(fields)}:
                self._write_state_file(fields)
        self._listener.tick()
        self._state_files.look()

    def close(self) -> None:
        self._state_files.close()
        self._log.close()

    def _signal(self, fields: dict[str, object], payload: object = None) -> None:
        head = {"agent": "ada-1", "launch": "first", "at": self._now, **fields}
        self._signals.drop(f"{json.dumps(head)}\n{json.dumps(payload)}".encode())

    def _write_state_file(self, fields: dict[str, float | str]) -> None:
        file = self._root / "config" / "sessions" / f"{PID}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        changed = int((START + float(fields["statusUpdatedAt"])) * 1000)
        file.write_text(json.dumps({**fields, "statusUpdatedAt": changed}))
        os.utime(file, (self._now, self._now))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
async def test_what_was_told_leads_to_what_was_so(case: Path, tmp_path: Path) -> None:
    first, *lines = map(json.loads, case.read_text("utf-8").splitlines())
    replay = Replay(tmp_path, first["spec"])
    try:
        for number, line in enumerate(lines, 2):
            if "state" not in line:
                replay.tell(line)
                continue
            agent = replay.agent
            assert (number, agent.state) == (number, line["state"])
            assert "reason" not in line or (number, agent.reason) == (number, line["reason"])
    finally:
        replay.close()
