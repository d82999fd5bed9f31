"""ccusage, the counter that others trust, pinned and installed beside the CLIs."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from command_center.domain.usage import Tokens
from tests.agents.clis import INSTALLED

PACKAGE = "ccusage@20.0.24"
FOLDER = INSTALLED / "ccusage"


def program() -> Path:
    """The native binary of this platform; npm installs it when it is not there."""
    if not (found := _binaries()):
        npm = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--no-save"]
        quiet = ["--loglevel=error", "--engine-strict=false", "--ignore-scripts", PACKAGE]
        subprocess.run([*npm, *quiet], check=True, stdin=subprocess.DEVNULL)
        found = _binaries()
    found[0].chmod(0o755)
    return found[0]


def _binaries() -> list[Path]:
    return sorted(FOLDER.glob("node_modules/@ccusage/*/bin/ccusage"))


def totals(cli: str, env: Mapping[str, str]) -> Tokens:
    """What it counts for one CLI in the configuration that `env` names."""
    told = json.loads(
        subprocess.check_output(
            [program(), cli, "session", "--offline", "--json"], env={**os.environ, **env}
        )
    )["totals"]
    return Tokens(
        told["inputTokens"],
        told["outputTokens"],
        told["cacheReadTokens"],
        told["cacheCreationTokens"],
        told.get("reasoningOutputTokens", 0),
    )
