"""The real agent CLIs, each in an environment of its own that knows only the scripted model.

Every `*_env` writes what a settled user of that CLI would have in `home`, and returns a whole
environment, not additions: what the test itself runs under (another agent's variables, a real
account) must not leak in. Environments of several CLIs in one `home` can be joined with `|`.
"""

import json
import os
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
INSTALLED = CHECKOUT / ".agents-cli"
NAMES = ("claude", "codex", "gemini", "opencode", "copilot", "grok", "aider")
OF_PYTHON = ("aider",)
OURS = ("native",)
"""Nothing to install."""
INHERITED = ("IS_SANDBOX", "LANG", "LC_ALL", "LOGNAME", "TMPDIR", "TZ", "USER")

CODEX_CONFIG = """\
model = "gpt-5.4"
model_provider = "scripted"
check_for_update_on_startup = false

[model_providers.scripted]
name = "Scripted"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_API_KEY"

[tui]
screen_reader_detection_done = true
"""

GROK_CONFIG = """\
[models]
default = "scripted"

[model.scripted]
model = "scripted-1"
base_url = "{url}/v1"
env_key = "SCRIPTED_API_KEY"
context_window = 200000

# Side requests of its own, which would repeat the prompts.
[features]
turn_summary = false

[ui]
prompt_suggestions = false
"""


def is_installed(name: str) -> bool:
    """Whether `tests/agents/install.sh NAME` has run, where it has something to do."""
    return name in OURS or program(name).exists()


def program(name: str) -> Path:
    """The file that starts a CLI; it is also found by its name on the PATH of every `*_env`."""
    return INSTALLED / name / ("bin" if name in OF_PYTHON else "node_modules/.bin") / name


def plain_env(home: Path) -> dict[str, str]:
    """What every CLI gets: a home, a git identity, and all installed CLIs on the PATH."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    folders = [str(program(name).parent) for name in NAMES]
    path = os.pathsep.join([*folders, os.environ["PATH"]])
    return {"LANG": "C.UTF-8", **kept, "HOME": str(home), "PATH": path}


def claude_env(home: Path, model_url: str, repo: Path, *, trusted: bool = True) -> dict[str, str]:
    """Claude Code past its first start; `repo` is the main checkout, trusted or not yet."""
    config = home / "claude"
    config.mkdir(parents=True, exist_ok=True)
    projects = {str(repo): {"hasTrustDialogAccepted": True}} if trusted else {}
    state = {"hasCompletedOnboarding": True, "projects": projects}
    (config / ".claude.json").write_text(json.dumps(state))
    return plain_env(home) | {
        "CLAUDE_CONFIG_DIR": str(config),
        "ANTHROPIC_BASE_URL": model_url,
        "ANTHROPIC_AUTH_TOKEN": "scripted",
        "DISABLE_AUTOUPDATER": "1",
    }


def codex_env(home: Path, model_url: str, repo: Path, *, trusted: bool = True) -> dict[str, str]:
    """Codex with the scripted model as its provider; `repo` is the main checkout."""
    config = home / "codex"
    config.mkdir(parents=True, exist_ok=True)
    text = CODEX_CONFIG.format(url=model_url)
    if trusted:
        text += f'\n[projects.{json.dumps(str(repo))}]\ntrust_level = "trusted"\n'
    (config / "config.toml").write_text(text)
    return plain_env(home) | {"CODEX_HOME": str(config), "SCRIPTED_API_KEY": "scripted"}


def gemini_env(home: Path, model_url: str, repo: Path, *, trusted: bool = True) -> dict[str, str]:
    """Gemini CLI with an API key chosen; its trust covers `repo` alone, not its worktrees."""
    config = home / ".gemini"
    config.mkdir(parents=True, exist_ok=True)
    security = {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": True}}
    settings = {"security": security, "general": {"enableAutoUpdate": False}}
    (config / "settings.json").write_text(json.dumps(settings))
    folders = {str(repo): "TRUST_FOLDER"} if trusted else {}
    (config / "trustedFolders.json").write_text(json.dumps(folders))
    return plain_env(home) | {"GOOGLE_GEMINI_BASE_URL": model_url, "GEMINI_API_KEY": "scripted"}


def opencode_env(home: Path, model_url: str, _repo: Path | None = None) -> dict[str, str]:
    """opencode with the scripted model; it asks before commands and edits, and needs no trust."""
    config = home / "opencode"
    config.mkdir(parents=True, exist_ok=True)
    limits = {"limit": {"context": 200_000, "output": 8_000}, "cost": {"input": 1, "output": 2}}
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "Scripted",
        "options": {"baseURL": f"{model_url}/v1", "apiKey": "scripted"},
        "models": {"scripted-1": {"name": "Scripted", **limits}},
    }
    settings = {
        "model": "scripted/scripted-1",
        "small_model": "scripted/scripted-1",
        "provider": {"scripted": provider},
        "permission": {"bash": "ask", "edit": "ask"},
    }
    (config / "opencode.json").write_text(json.dumps(settings))
    return plain_env(home) | {
        "OPENCODE_CONFIG": str(config / "opencode.json"),
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        # It installs packages there before a plugin is loaded, once for all tests.
        "XDG_CONFIG_HOME": str(INSTALLED / "home" / ".config"),
    }


def copilot_env(home: Path, model_url: str, repo: Path, *, trusted: bool = True) -> dict[str, str]:
    """Copilot with a provider of its own, so that it wants no login; trust covers worktrees."""
    config = home / "copilot"
    config.mkdir(parents=True, exist_ok=True)
    folders = [str(repo)] if trusted else []
    (config / "config.json").write_text(json.dumps({"trustedFolders": folders}))
    return plain_env(home) | {
        "COPILOT_HOME": str(config),
        "COPILOT_OFFLINE": "true",
        "COPILOT_PROVIDER_BASE_URL": f"{model_url}/v1",
        "COPILOT_PROVIDER_TYPE": "openai",
        "COPILOT_PROVIDER_API_KEY": "scripted",
        "COPILOT_MODEL": "scripted-1",
    }


def grok_env(home: Path, model_url: str, _repo: Path | None = None) -> dict[str, str]:
    """Grok Build with the scripted model; it asks for no trust."""
    config = home / "grok"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text(GROK_CONFIG.format(url=model_url))
    return plain_env(home) | {"GROK_HOME": str(config), "SCRIPTED_API_KEY": "scripted"}


def aider_env(home: Path, model_url: str, _repo: Path | None = None) -> dict[str, str]:
    """aider with the scripted model, its questions about itself answered; it asks for no trust."""
    return plain_env(home) | {
        "AIDER_ANALYTICS_DISABLE": "true",
        "AIDER_EDIT_FORMAT": "diff",
        "AIDER_MODEL": "openai/scripted-1",
        "AIDER_SHOW_MODEL_WARNINGS": "false",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_API_BASE": f"{model_url}/v1",
        "OPENAI_API_KEY": "scripted",
    }


def native_env(home: Path, model_url: str, _repo: Path | None = None) -> dict[str, str]:
    """Our own agent with the scripted model; it asks for no trust."""
    return plain_env(home) | {
        "ACC_AGENT_MODEL": "anthropic:scripted-1",
        "ACC_AGENT_BASE_URL": model_url,
        "ACC_AGENT_KEY_ENV": "SCRIPTED_API_KEY",
        "SCRIPTED_API_KEY": "scripted",
    }
