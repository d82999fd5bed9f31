"""What the real CLIs write adds up to what the model served, and to what ccusage counts."""

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from command_center.domain.places import Places
from command_center.domain.usage import NOTHING, Source
from command_center.engine.meter import Meter, Watched
from command_center.store.catalog import load_catalog
from command_center.store.usage import UsageStore
from tests.agents import ccusage
from tests.agents.cases import chosen as among
from tests.agents.clis import (
    INSTALLED,
    claude_env,
    codex_env,
    gemini_env,
    is_installed,
    opencode_env,
    program,
)
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.exchange import Usage
from tests.scripted.records import summed
from tests.scripted.server import ScriptedModel

pytestmark = [pytest.mark.agents, pytest.mark.timeout(240)]

FIRST = "SM[u:100,20,2000,300,7 ;; sh:echo one ;; u:110,21,2100,10,0 ;; say:First.]SM"
SECOND = "SM[u:130,23,2300,30,0 ;; par:echo a %% echo b ;; u:140,24,2400,40,3 ;; say:Second.]SM"
FORKED = "SM[u:150,25,2500,50,0 ;; say:Third.]SM"
SUBAGENT = (
    'SM[u:160,26,2600,60,0 ;; tool:Agent|{"description":"sub","prompt":"please reply",'
    '"subagent_type":"general-purpose"} ;; u:170,27,2700,70,0 ;; say:Fourth.]SM'
)


@dataclass(frozen=True, slots=True)
class Headless:
    """One CLI without its screen: it writes the same transcripts."""

    spec: str
    environ: Callable[[Path, str, Path], dict[str, str]]
    config: str
    """Its configuration folder, below the user's home."""
    run: Callable[[str, str], tuple[str, ...]]
    """Arguments for a first prompt, given the session id."""
    resume: Callable[[str, str], tuple[str, ...]]
    reasons_apart: bool = False
    """Whether ccusage leaves its reasoning out of the output, as the CLI does."""
    tells_writes: bool = False
    """Whether it reports what was written to the cache."""
    side: str = "\0"
    """A prompt whose answer, though not scripted, belongs to the conversation."""
    more: tuple[Callable[[str, str], tuple[str, ...]], ...] = ()
    prompts: tuple[str, ...] = ()


def claude(*more: str) -> Callable[[str, str], tuple[str, ...]]:
    return lambda prompt, session: (
        *("-p", prompt, "--allowedTools", "Bash,Agent"),
        *(word.replace("SESSION", session) for word in more),
    )


def codex(*more: str) -> Callable[[str, str], tuple[str, ...]]:
    return lambda prompt, _: ("exec", *more, "--skip-git-repo-check", prompt)


def gemini(*more: str) -> Callable[[str, str], tuple[str, ...]]:
    return lambda prompt, session: (
        *("-p", prompt, *more, session, "-m", "gemini-3.8-flash"),
        *("--skip-trust", "--approval-mode", "yolo"),
    )


def opencode(*more: str) -> Callable[[str, str], tuple[str, ...]]:
    return lambda prompt, _: ("run", "--auto", *more, prompt)


CLIS = (
    Headless(
        "claude",
        claude_env,
        "claude",
        claude("--session-id", "SESSION"),
        claude("--resume", "SESSION"),
        tells_writes=True,
        side="please reply",
        more=(claude("--resume", "SESSION", "--fork-session"), claude("--resume", "SESSION")),
        prompts=(FORKED, SUBAGENT),
    ),
    Headless("codex", codex_env, "codex", codex(), codex("resume", "--last")),
    Headless(
        "gemini",
        gemini_env,
        ".gemini",
        gemini("--session-id"),
        gemini("--resume"),
        reasons_apart=True,
    ),
    Headless(
        "opencode",
        opencode_env,
        ".local/share",
        opencode(),
        opencode("--continue"),
        reasons_apart=True,
    ),
)


@pytest.fixture(params=CLIS, ids=lambda cli: cli.spec)
def cli(request: pytest.FixtureRequest) -> Headless:
    chosen: Headless = request.param
    if chosen.spec not in among():
        pytest.skip("not among AGENTS")
    if not is_installed(chosen.spec):
        pytest.skip(f"tests/agents/install.sh {chosen.spec}")
    return chosen


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    isolate_git(monkeypatch)
    root = Path(tempfile.mkdtemp(dir=INSTALLED, prefix="usage-"))
    monkeypatch.setenv("HOME", str(root / "user"))
    yield root
    shutil.rmtree(root, ignore_errors=True)


def meter(cli: Headless, root: Path, store: UsageStore) -> Meter:
    catalog = load_catalog(Places.of({"COMMAND_CENTER_HOME": str(root)}, root))
    usage = catalog.specs[cli.spec].usage
    assert usage is not None
    config = str(root / "user" / cli.config)
    source = Source(cli.spec, config)
    meter = Meter(store)
    meter.discover(Watched(source, usage.format, usage.paths, {"config": config}))
    return meter


def converse(cli: Headless, root: Path, model: ScriptedModel) -> Mapping[str, str]:
    """Every prompt, each by a process of its own. Returns the environment."""
    repo = make_repository(root)
    env = cli.environ(root / "user", model.url, repo)
    session = str(uuid.uuid4())
    for arguments, prompt in zip(
        (cli.run, cli.resume, *cli.more), (FIRST, SECOND, *cli.prompts), strict=True
    ):
        subprocess.run(
            [program(cli.spec), *arguments(prompt, session)],
            cwd=repo,
            env=env,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
    return env


def served(cli: Headless, model: ScriptedModel) -> Usage:
    return summed(
        each.usage
        for each in model.requests
        if each.usage and (not each.side or cli.side in "\n".join(each.prompts[-1:]))
    )


def test_totals_equal_what_was_served_and_what_ccusage_counts(
    cli: Headless, model: ScriptedModel, root: Path
) -> None:
    env = converse(cli, root, model)
    with UsageStore(root / "usage.sqlite") as store:
        meter(cli, root, store).tick()
        counted = sum((total.tokens for total in store.totals()), NOTHING)
    truth = served(cli, model)
    assert (counted.input, counted.cache_read) == (truth.read, truth.cache_read)
    assert counted.output - counted.reasoning == truth.written
    assert counted.cache_write == (truth.cache_written if cli.tells_writes else 0)
    told = ccusage.totals(cli.spec, env)
    apart = counted.reasoning if cli.reasons_apart else 0
    assert (counted.input, counted.output - apart) == (told.input, told.output)
    assert (counted.cache_read, counted.cache_write) == (told.cache_read, told.cache_write)
