"""One agent of the engine, told of by files as its CLI, its hooks and its pane write them."""

import json
import os
from pathlib import Path
from string import Template

import msgspec

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Order
from command_center.domain.places import Places
from command_center.drivers.tmux import TmuxServer
from command_center.engine.core import Engine
from command_center.engine.listener import Listener
from command_center.engine.recipes import config_dir
from command_center.engine.state_files import StateFiles
from command_center.engine.transcripts import Transcripts
from command_center.engine.watcher import Sight, Watcher, is_told, screen_events
from command_center.store.inbox import Inbox
from command_center.store.log import EventLog
from command_center.store.settings import Settings

START = 1_700_000_000.0
PID = 4242
SESSION = "5e551017-0000-4000-8000-000000000000"


class Replay:
    """Close it. `tell` takes the lines of a case, `test_corpus` says which there are."""

    def __init__(self, root: Path, spec: str) -> None:
        self._root = root
        self._now = START
        places = Places.of({"COMMAND_CENTER_HOME": str(root / "home")}, root)
        self._log = EventLog(places.log)
        names = ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "GROK_HOME")
        config = {"HOME": str(root), **{name: str(root / "config") for name in names}}
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
        self._transcripts = Transcripts(self._engine)
        self._watcher = Watcher(self._engine)
        order = Order(spec, "repo", "branch", "HEAD", str(root))
        self._engine.record(
            ev.LaunchIntended("ada-1", "ada", "first", order, SESSION),
            ev.WorktreeAdded("ada-1", "0" * 40),
            ev.PaneOpened("ada-1", "first", "%1"),
            ev.ProcessStarted("ada-1", "first", PID, "first"),
        )
        self._transcript = self._place_of_transcript()

    @property
    def agent(self) -> Agent:
        return self._engine.fleet.agents["ada-1"]

    @property
    def doing(self) -> str:
        return self._engine.doings.get("ada-1", "")

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
            case {"transcript": dict(record)}:
                self._write_transcript(record)
            case {"screen": list(lines)}:
                self._show(lines)
            case {"exit": dict(status)}:
                self._signal({"source": "process", "event": "exited", **status})
            case {"resume": str(launch)}:
                self._resume(launch)
            case {"claim": dict(said)}:
                self._claim(said)
            case _:
                assert "wait" in line, f"nothing is told by {line}"
        self._listener.tick()
        self._state_files.look()
        self._transcripts.look()
        self._watcher.end_limits()

    def close(self) -> None:
        self._state_files.close()
        self._log.close()

    def _signal(self, fields: dict[str, object], payload: object = None) -> None:
        head = {"agent": "ada-1", "launch": self.agent.launch, "at": self._now, **fields}
        self._signals.drop(f"{json.dumps(head)}\n{json.dumps(payload)}".encode())

    def _write_state_file(self, fields: dict[str, float | str]) -> None:
        file = self._root / "config" / "sessions" / f"{PID}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        changed = int((START + float(fields["statusUpdatedAt"])) * 1000)
        start = self.agent.pid_start
        file.write_text(json.dumps({"procStart": start, **fields, "statusUpdatedAt": changed}))
        os.utime(file, (self._now, self._now))

    def _place_of_transcript(self) -> Path:
        spec = self._engine.spec(self.agent)
        how = spec.signals.transcript
        if how is None or not how.path:
            self._engine.record(ev.SessionLearned("ada-1", "", str(self._root / "said.jsonl")))
            return self._root / "said.jsonl"
        values = {"config": config_dir(spec, self._engine.environ), "session": SESSION}
        state = self._engine.places.agent("ada-1")
        pattern = how.path.replace("*", "any")
        values |= {"state": state}
        return Path(Template(pattern).substitute(values, short_session=SESSION[:8]))

    def _write_transcript(self, record: dict[str, object]) -> None:
        self._transcript.parent.mkdir(parents=True, exist_ok=True)
        with self._transcript.open("a") as file:
            file.write(json.dumps(record) + "\n")
        os.utime(self._transcript, (self._now, self._now))

    def _show(self, lines: list[str]) -> None:
        """Long enough that it stands still; it is not looked at where that would add nothing."""
        screen = self._engine.spec(self.agent).signals.screen
        if screen is None or is_told(self.agent):
            return
        tail = lines[-screen.lines :]
        sight = Sight(tail, self._now - 60)
        self._engine.record(*screen_events(self.agent, screen, sight, self._now))

    def _resume(self, launch: str) -> None:
        self._engine.record(
            ev.ResumeIntended("ada-1", launch),
            ev.PaneOpened("ada-1", launch, "%2"),
            ev.ProcessStarted("ada-1", launch, PID, launch),
        )

    def _claim(self, said: dict[str, object]) -> None:
        age = said.pop("age")
        assert isinstance(age, int | float)
        until = said.get("until") or 0.0
        assert isinstance(until, int | float)
        times = {"at": self._now - age, "until": self._now + until if until else 0.0}
        claim = msgspec.convert({**said, **times}, Claim)
        self._engine.record(ev.StateClaimed("ada-1", self.agent.launch, claim))
