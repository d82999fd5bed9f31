"""Real CLIs without their screens: they write the same transcripts, one process for each prompt."""

import subprocess
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from command_center.domain.places import Places
from command_center.domain.usage import NOTHING, Source, Tokens
from command_center.engine.meter import Meter, Watched
from command_center.store.catalog import load_catalog
from command_center.store.usage import UsageStore
from tests.agents import ccusage
from tests.agents.clis import claude_env, codex_env, gemini_env, opencode_env, program
from tests.gitrepo import make_repository
from tests.scripted.exchange import Usage
from tests.scripted.records import summed
from tests.scripted.server import ScriptedModel

Start = Callable[[str, str], tuple[str, ...]]
"""Arguments, given the prompt and the session's id."""
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
    run: Start
    """Arguments for a first prompt, given the session id."""
    resume: Start
    reasons_apart: bool = False
    """Whether ccusage leaves its reasoning out of the output, as the CLI does."""
    tells_writes: bool = False
    """Whether it reports what was written to the cache."""
    side: str = "\0"
    """A prompt whose answer, though not scripted, belongs to the conversation."""
    more: tuple[tuple[Start, str], ...] = ()
    """What else it can do with a conversation, each with a prompt."""


def claude(*more: str) -> Start:
    return lambda prompt, session: (
        *("-p", prompt, "--allowedTools", "Bash,Agent"),
        *(word.replace("SESSION", session) for word in more),
    )


def codex(*more: str) -> Start:
    return lambda prompt, _: ("exec", *more, "--skip-git-repo-check", prompt)


def gemini(*more: str) -> Start:
    return lambda prompt, session: (
        *("-p", prompt, *more, session, "-m", "gemini-3.8-flash"),
        *("--skip-trust", "--approval-mode", "yolo"),
    )


def opencode(*more: str) -> Start:
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
        more=(
            (claude("--resume", "SESSION", "--fork-session"), FORKED),
            (claude("--resume", "SESSION"), SUBAGENT),
        ),
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


@dataclass(frozen=True, slots=True)
class Told:
    """One conversation, by three who counted it."""

    served: Usage
    """What the model sent."""
    ours: Tokens
    other: Tokens
    """By ccusage."""

    def differences(self, cli: Headless) -> list[str]:
        """Each kind of token about which not all three agree, in words."""
        served, ours, other = self.served, self.ours, self.other
        # What ccusage leaves out, and what nobody but the model can tell.
        apart = ours.reasoning if cli.reasons_apart else 0
        writes = served.cache_written if cli.tells_writes else 0
        said = served.written + ours.reasoning - apart
        told = {
            "input": (served.read, ours.input, other.input),
            "output": (said, ours.output - apart, other.output),
            "cache read": (served.cache_read, ours.cache_read, other.cache_read),
            "cache write": (writes, ours.cache_write, other.cache_write),
        }
        return [
            f"{kind}: served {three[0]}, ours {three[1]}, ccusage {three[2]}"
            for kind, three in told.items()
            if len(set(three)) > 1
        ]


def converse(
    cli: Headless, root: Path, model: ScriptedModel, prompts: Iterable[tuple[Start, str]]
) -> Told:
    """`root` has to be outside of what the CLI's sandbox may write."""
    repo = make_repository(root)
    env = cli.environ(root / "user", model.url, repo)
    session = str(uuid.uuid4())
    for arguments, prompt in prompts:
        subprocess.run(
            [program(cli.spec), *arguments(prompt, session)],
            cwd=repo,
            env=env,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
    with UsageStore(root / "usage.sqlite") as store:
        meter(cli, root, store).tick()
        ours = sum((total.tokens for total in store.totals()), NOTHING)
    return Told(served(cli, model), ours, ccusage.totals(cli.spec, env))


def meter(cli: Headless, root: Path, store: UsageStore) -> Meter:
    catalog = load_catalog(Places.of({"COMMAND_CENTER_HOME": str(root)}, root))
    usage = catalog.specs[cli.spec].usage
    assert usage is not None
    config = str(root / "user" / cli.config)
    source = Source(cli.spec, config)
    meter = Meter(store)
    meter.discover(Watched(source, usage.format, usage.paths, {"config": config}))
    return meter


def served(cli: Headless, model: ScriptedModel) -> Usage:
    return summed(
        each.usage
        for each in model.requests
        if each.usage and (not each.side or cli.side in "\n".join(each.prompts[-1:]))
    )
