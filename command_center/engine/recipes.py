"""From a spec and an agent to the exact process: words, environment, files of ours."""

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

import msgspec
from msgspec import Struct

from command_center.domain.errors import LaunchError
from command_center.domain.model import Agent, Repo
from command_center.domain.places import Places
from command_center.domain.specs import AgentSpec, Argv, Borrowed, First, Mode
from command_center.domain.wire import read_json
from command_center.engine.meanings import value_at

_PLACEHOLDER = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_LONGEST_WORD = 120_000
"""Bytes; Linux takes no argument beyond 128 KiB (MAX_ARG_STRLEN)."""


class Recipe(Struct, frozen=True):
    """What to start. `env` lies over the pane's environment; None takes a variable away."""

    argv: tuple[str, ...]
    env: dict[str, str | None]
    files: dict[str, str]


def find_binary(spec: AgentSpec, environ: Mapping[str, str]) -> str:
    """Path of the CLI. Raises LaunchError with the spec's install hint."""
    for name in spec.binary.names:
        wanted = Template(name).safe_substitute(python=sys.executable)
        if found := shutil.which(wanted, path=environ.get("PATH")):
            return found
    hint = f"install it with `{spec.install}`" if spec.install else "install it, or set its path"
    raise LaunchError(f"{spec.name}: '{spec.binary.names[0]}' is not on PATH; {hint}")


def values_for(
    spec: AgentSpec, agent: Agent, repo: Repo, places: Places, environ: Mapping[str, str]
) -> dict[str, str]:
    """What each one-word placeholder stands for."""
    worktree = Path(agent.order.worktree)
    return {
        "agent": agent.id,
        "binary": find_binary(spec, environ),
        "common": repo.common_dir,
        "config": str(config_dir(spec, environ)),
        "gitdir": _gitdir(worktree),
        "hook": str(places.state / "hook.sh"),
        "inbox": str(places.signals),
        "launch": agent.launch,
        "model": agent.order.model,
        "name": agent.name,
        "prompt": agent.order.prompt,
        "python": sys.executable,
        "quoted_python": json.dumps(sys.executable)[1:-1],
        "quoted_repo": json.dumps(repo.root)[1:-1],
        "repo": repo.root,
        "session": agent.session,
        "state": str(places.agent(agent.id)),
        "worktree": str(worktree),
    }


def config_dir(spec: AgentSpec, environ: Mapping[str, str]) -> Path:
    """The CLI's own folder, as the environment of its pane will show it."""
    if spec.config_env and (value := environ.get(spec.config_env)):
        return Path(value)
    home = environ.get("HOME", str(Path.home()))
    return Path(re.sub(r"^~(?=/|$)", lambda _: home, spec.config_dir))


def recipe_for(
    spec: AgentSpec,
    agent: Agent,
    values: dict[str, str],
    environ: Mapping[str, str],
    *,
    resumes: bool,
    has_tools: bool = False,
) -> Recipe:
    """The process of a launch, or of a resume that goes on with the same conversation.

    `has_tools` says whether it is told of our MCP server.
    """
    if spec.prompt.first is First.PASTE or resumes:
        values = {**values, "prompt": ""}
    if len(values["prompt"].encode()) > _LONGEST_WORD:
        raise LaunchError(
            f"the prompt is longer than {_LONGEST_WORD} bytes, too long for a command line; "
            "put it into a file of the repository and name the file"
        )
    order = agent.order
    mode = spec.launch.modes.get(Mode(order.mode) if order.mode else spec.launch.default_mode, ())
    several = {"mode": mode, "trust": spec.trust.args if order.trusts_repo else ()}
    several["mcp"] = spec.mcp.args if has_tools else ()
    argv = spec.resume.argv if resumes and spec.resume else spec.launch.argv
    return Recipe(
        argv=tuple(_words(argv, values, several)),
        env=_environment(spec, agent, values, environ, has_tools=has_tools),
        files={
            _filled(file.path, values): _file_text(file.path, file.text, values)
            for file in spec.launch.files
        }
        | {_filled(each.path, values): _borrowed(each, values) for each in spec.launch.borrowed},
    )


def _environment(
    spec: AgentSpec,
    agent: Agent,
    values: dict[str, str],
    environ: Mapping[str, str],
    *,
    has_tools: bool,
) -> dict[str, str | None]:
    tables = [
        spec.launch.env,
        spec.trust.env if agent.order.trusts_repo else {},
        spec.mcp.env if has_tools else {},
    ]
    env: dict[str, str | None] = dict.fromkeys(_dropped(spec, environ))
    env |= {key: _filled(text, values) for table in tables for key, text in table.items()}
    return env | {
        "ACC_AGENT": agent.id,
        "ACC_LAUNCH": agent.launch,
        "ACC_INBOX": values["inbox"],
        "ACC_HOOK": values["hook"],
        "ACC_STATE": values["state"],
    }


def headless_recipe(spec: AgentSpec, root: str, environ: Mapping[str, str]) -> Recipe:
    """The process that answers one question. Raises LaunchError."""
    if spec.headless is None:
        raise LaunchError(f"{spec.name} has no headless command; its spec would say `[headless]`")
    values = {
        "binary": find_binary(spec, environ),
        "config": str(config_dir(spec, environ)),
        "python": sys.executable,
        "quoted_repo": json.dumps(root)[1:-1],
        "repo": root,
    }
    env: dict[str, str | None] = dict.fromkeys(_dropped(spec, environ))
    env |= {key: _filled(text, values) for key, text in spec.headless.env.items()}
    return Recipe(tuple(_words(spec.headless.argv, values, {})), env, {})


def launch_file(agent: Agent, recipe: Recipe) -> bytes:
    """What the pty proxy reads, so that tmux never sees a word of the user's."""
    return msgspec.json.encode(
        {
            "v": 1,
            "agent": agent.id,
            "launch": agent.launch,
            "argv": recipe.argv,
            "cwd": agent.order.worktree,
            "env": recipe.env,
            "inbox": recipe.env["ACC_INBOX"],
        }
    )


def _words(argv: Argv, values: dict[str, str], several: dict[str, tuple[str, ...]]) -> list[str]:
    words: list[str] = []
    for item in argv:
        group = (item,) if isinstance(item, str) else item
        if len(group) == 1 and (name := _lone_placeholder(group[0])) in several:
            words += [_filled(word, values) for word in several[name]]
        elif all(values.get(name) for word in group for name in _names(word)):
            words += [_filled(word, values) for word in group]
    return words


def _names(text: str) -> list[str]:
    return Template(text).get_identifiers()


def _lone_placeholder(word: str) -> str:
    match = _PLACEHOLDER.fullmatch(word)
    return (match[1] or match[2]) if match else ""


def _filled(text: str, values: dict[str, str]) -> str:
    return Template(text).substitute(values)


def _file_text(path: str, text: str, values: dict[str, str]) -> str:
    if path.endswith((".json", ".toml")):
        values = {key: json.dumps(value)[1:-1] for key, value in values.items()}
    return _filled(text, values)


def _borrowed(each: Borrowed, values: dict[str, str]) -> str:
    """The command that counts among those of the user's settings; empty when there is none."""
    for file in each.files:
        try:
            table = read_json(Path(_filled(file, values)).read_bytes(), dict[str, object])
        except (OSError, msgspec.DecodeError):
            continue
        if isinstance(found := value_at(table, each.key), str) and found:
            return found
    return ""


def _dropped(spec: AgentSpec, environ: Mapping[str, str]) -> list[str]:
    exact = {name for name in spec.launch.drop_env if not name.endswith("*")}
    prefixes = tuple(name[:-1] for name in spec.launch.drop_env if name.endswith("*"))
    inside = [name for name in environ if prefixes and name.startswith(prefixes)]
    return sorted(exact | set(inside))


def _gitdir(worktree: Path) -> str:
    """The worktree's own folder inside the repository's git folder; empty if there is none."""
    try:
        text = (worktree / ".git").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return text.removeprefix("gitdir:").strip()
