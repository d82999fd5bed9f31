"""Where everything lies, by the XDG base directory specification."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

APP = "command-center"


class Places(Struct, frozen=True):
    """Folders and names of one user's command center. Nothing here is created yet."""

    config: Path
    data: Path
    state: Path
    socket: str
    """Name of the private tmux server, for `tmux -L`."""

    @classmethod
    def of(cls, environ: Mapping[str, str], home: Path) -> "Places":
        """From the environment; COMMAND_CENTER_HOME puts everything below one folder."""
        if root := environ.get("COMMAND_CENTER_HOME"):
            import hashlib

            base = Path(root).absolute()
            digest = hashlib.sha256(str(base).encode()).hexdigest()[:8]
            return cls(base / "config", base / "data", base / "state", f"{APP}-{digest}")
        config = _xdg(environ, "XDG_CONFIG_HOME", home / ".config")
        data = _xdg(environ, "XDG_DATA_HOME", home / ".local" / "share")
        state = _xdg(environ, "XDG_STATE_HOME", home / ".local" / "state")
        return cls(config, data, state, environ.get("COMMAND_CENTER_SOCKET", APP))

    @property
    def log(self) -> Path:
        return self.state / "log.sqlite"

    @property
    def usage(self) -> Path:
        return self.state / "usage.sqlite"

    @property
    def ledger(self) -> Path:
        """Every figure that runs printed."""
        return self.state / "runs.sqlite"

    def run(self, run: str, attempt: int = 0) -> Path:
        """Folder of one run, or of one attempt of it: log, results, its checkout meanwhile."""
        folder = self.data / "runs" / run
        return folder / str(attempt) if attempt else folder

    @property
    def gauges(self) -> Path:
        return self.state / "gauges.sqlite"

    @property
    def machine(self) -> Path:
        """What the machine does and did, while somebody looked."""
        return self.state / "machine.sqlite"

    @property
    def calls(self) -> Path:
        """Every call of a model of our own; see docs/models.md."""
        return self.state / "calls.jsonl"

    @property
    def disputes(self) -> Path:
        """Folder of verdicts on which sources disagreed, as cases that the tests can replay."""
        return self.state / "disputes"

    @property
    def inbox(self) -> Path:
        return self.state / "inbox"

    @property
    def signals(self) -> Path:
        return self.state / "signals"

    @property
    def lock(self) -> Path:
        return self.state / "supervisor.lock"

    @property
    def trust(self) -> Path:
        return self.state / "trust.json"

    @property
    def settings(self) -> Path:
        return self.config / "config.toml"

    @property
    def layouts(self) -> Path:
        return self.config / "layouts"

    @property
    def habits(self) -> Path:
        return self.state / "habits.json"

    def agent(self, agent: str) -> Path:
        """Folder of our own files for one agent: launch file, hook settings."""
        return self.state / "agents" / agent

    @property
    def worktrees(self) -> Path:
        return self.data / "worktrees"

    @property
    def trash(self) -> Path:
        return self.data / "trash"


def _xdg(environ: Mapping[str, str], key: str, default: Path) -> Path:
    value = environ.get(key, "")
    # The specification: a relative path is invalid and is ignored.
    return (Path(value) if Path(value).is_absolute() else default) / APP
