"""What a status line tells, and whose it is."""

import json
from pathlib import Path

import pytest

from command_center.domain.model import Agent, Order, Repo
from command_center.domain.places import Places
from command_center.domain.specs import AgentSpec, parse
from command_center.domain.strict import read_toml
from command_center.domain.usage import Context, RateWindow, SessionSeen, Source
from command_center.domain.wire import read_json
from command_center.engine.recipes import recipe_for, values_for
from command_center.engine.tellings import Telling, telling
from command_center.store.catalog import load_catalog
from command_center.store.usage import UsageStore

SAMPLES = Path(__file__).parents[1] / "corpus" / "status" / "claude.jsonl"
BORROWING = """
id = "tool"
name = "Tool"
config_dir = "~/.tool"
binary.names = ["sh"]
launch.argv = ["${binary}"]
[[launch.borrowed]]
path = "${state}/statusline"
files = ["${worktree}/settings.json", "${config}/settings.json"]
key = "statusLine.command"
"""


@pytest.fixture
def claude(tmp_path: Path) -> AgentSpec:
    places = Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path)
    return load_catalog(places, None).spec("claude")


def heard(spec: AgentSpec, line: str) -> Telling | None:
    fields = read_json(line.encode(), dict[str, object])
    return telling(spec, "s", fields, {"CLAUDE_CONFIG_DIR": "/c"})


def test_recorded_status_lines_tell_context_and_windows(claude: AgentSpec) -> None:
    before, without_plan, with_plan = SAMPLES.read_text("utf-8").splitlines()
    source = Source("claude", "/c")
    assert heard(claude, before) is None
    seen = SessionSeen("s", context=Context(2400, 200_000))
    assert heard(claude, without_plan) == Telling(source, seen, ())
    seen = SessionSeen("s", context=Context(2400, 1_000_000))
    windows = (RateWindow(300, 42.0, 1795184557.0), RateWindow(10080, 21.0, 1795580957.0))
    assert heard(claude, with_plan) == Telling(source, seen, windows)


@pytest.mark.parametrize("value", ["null", '"42"', "true", "-1", "1e300", "[]", "{}"])
def test_a_percentage_that_is_none_tells_nothing(claude: AgentSpec, value: str) -> None:
    window = f'{{"used_percentage":{value},"resets_at":1795184557}}'
    assert heard(claude, f'{{"rate_limits":{{"five_hour":{window}}}}}') is None


def test_what_was_told_stands_beside_what_files_tell(tmp_path: Path) -> None:
    store = UsageStore(tmp_path / "usage.sqlite")
    source, window = Source("claude", "/c"), RateWindow(300, 42.0, 1795184557.0)
    store.note(source, SessionSeen("s", context=Context(2400, 200_000)), [window])
    store.note(source, SessionSeen("s", context=Context(2500)), [])
    assert [seen.context for seen in store.sessions()] == [Context(2500, 200_000)]
    assert store.windows() == [(source, window)]
    store.close()


def borrowed(tmp_path: Path) -> str:
    """What a launch would write."""
    spec = parse(read_toml(BORROWING, "tool.toml"), "tool.toml")
    places = Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path)
    agent = Agent("a", "ada", Order("tool", "r", "b", "HEAD", str(tmp_path / "wt")), 0.0)
    environ = {"HOME": str(tmp_path / "home"), "PATH": "/bin:/usr/bin"}
    values = values_for(spec, agent, Repo("r", "r", "/r", "/r/.git"), places, environ)
    [text] = recipe_for(spec, agent, values, environ, resumes=False).files.values()
    return text


def settings(file: Path, command: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"statusLine": {"command": command}}), "utf-8")


def test_the_settings_that_count_most_lend_their_command(tmp_path: Path) -> None:
    assert borrowed(tmp_path) == ""
    settings(tmp_path / "home" / ".tool" / "settings.json", "echo '$HOME ${mine}'; date")
    assert borrowed(tmp_path) == "echo '$HOME ${mine}'; date"
    settings(tmp_path / "wt" / "settings.json", 7)
    assert borrowed(tmp_path) == "echo '$HOME ${mine}'; date"
    (tmp_path / "wt" / "settings.json").write_text("{", "utf-8")
    assert borrowed(tmp_path) == "echo '$HOME ${mine}'; date"
    settings(tmp_path / "wt" / "settings.json", "theirs")
    assert borrowed(tmp_path) == "theirs"
