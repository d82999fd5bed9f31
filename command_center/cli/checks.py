"""What `acc doctor` asks about the machine and our own house."""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

from command_center.cli.here import project_root
from command_center.cli.reports import Finding
from command_center.domain.alarms import rules
from command_center.domain.errors import CommandCenterError, TmuxError
from command_center.domain.places import Places
from command_center.drivers.gpu import Gpus
from command_center.drivers.tmux_process import check_version
from command_center.store.catalog import load_catalog
from command_center.store.layouts import load_layouts
from command_center.store.lock import supervisor_pid
from command_center.store.settings import read_settings
from command_center.store.templates import load_templates
from command_center.store.view import View

OLDEST_GIT = (2, 31)
OLDEST_SQLITE = (3, 35)
LITTLE_DISK, FEW_DISK = 1 << 30, 5 << 30
SECONDS = 10.0
"""How long any one program may take to say its version."""


def ok(area: str, text: str) -> Finding:
    return Finding(area, "ok", text)


def note(area: str, text: str, way_out: str) -> Finding:
    return Finding(area, "note", text, way_out)


def problem(area: str, text: str, way_out: str) -> Finding:
    return Finding(area, "problem", text, way_out)


def interpreter(places: Places) -> list[Finding]:
    del places
    python = ok("python", f"{sys.version.split()[0]} at {sys.executable}")
    number = tuple(map(int, sqlite3.sqlite_version.split(".")[:2]))
    if number < OLDEST_SQLITE:
        text = f"{sqlite3.sqlite_version} is older than {_dotted(OLDEST_SQLITE)}"
        return [python, problem("sqlite", text, "install a newer Python")]
    return [python, ok("sqlite", sqlite3.sqlite_version)]


def tmux(places: Places) -> list[Finding]:
    del places
    try:
        return [ok("tmux", asyncio.run(check_version()))]
    except TmuxError as error:
        return [problem("tmux", str(error), "make setup, or your package manager")]


def git(places: Places) -> list[Finding]:
    del places
    way_out = "install git with your package manager"
    if shutil.which("git") is None:
        return [problem("git", "not installed", way_out)]
    version = said_version("git", ("--version",))
    number = version_of(version)
    if number and number < OLDEST_GIT:
        return [problem("git", f"{version} is older than {_dotted(OLDEST_GIT)}", way_out)]
    return [ok("git", version or "installed; it does not say its version")]


def folders(places: Places) -> list[Finding]:
    """Ours may not exist yet; then the nearest that does must let us make them."""
    findings = []
    for folder in (places.config, places.data, places.state):
        nearest = _nearest(folder)
        if not os.access(nearest, os.W_OK | os.X_OK):
            way_out = f"chmod u+rwx {nearest}"
            findings.append(problem("folders", f"{nearest} cannot be written", way_out))
        elif folder == places.state and folder.exists() and folder.stat().st_mode & 0o077:
            text = f"{folder} holds prompts, and others on this machine may look into it"
            findings.append(note("folders", text, f"chmod 700 {folder}"))
    return findings or [ok("folders", f"{places.state} and {places.data} can be written")]


def disk(places: Places) -> list[Finding]:
    free = shutil.disk_usage(_nearest(places.data)).free
    text = f"{free / (1 << 30):.1f} GiB free for {places.data}"
    way_out = f"du -sh {places.data}/*"
    if free < LITTLE_DISK:
        return [problem("disk", text, way_out)]
    return [note("disk", text, way_out) if free < FEW_DISK else ok("disk", text)]


def configuration(places: Places) -> list[Finding]:
    findings = [
        problem("specs", found.text, f"edit {found.file}")
        for found in load_catalog(places).problems
    ]
    findings += [
        problem("layouts", found.text, f"edit {found.file}")
        for found in load_layouts(places, project_root(Path.cwd())).problems
    ]
    try:
        findings += [
            problem("templates", text, f"edit {places.settings}")
            for text in load_templates(places).problems
        ]
        rules(read_settings(places.settings).alarms)
    except CommandCenterError as error:
        findings.append(problem("settings", str(error), f"edit {places.settings}"))
    return findings or [ok("settings", "specs, layouts and settings can be read")]


def gpus(places: Places) -> list[Finding]:
    del places
    found = Gpus(os.environ)
    names = Counter(gpu.name for gpu in found.read())
    found.close()
    if found.is_broken:
        return [problem("gpus", found.absent, "nvidia-smi")]
    made_up = "simulated: " if found.is_simulated else ""
    told = ", ".join(f"{count} × {name}" for name, count in names.items())
    return [ok("gpus", f"{made_up}{told}" if told else found.absent)]


def supervisor(places: Places) -> list[Finding]:
    view = View(places.log)
    try:
        view.poll()
    except CommandCenterError as error:
        return [problem("log", str(error), f"ls -l {places.log}")]
    finally:
        view.close()
    if pid := supervisor_pid(places.lock):
        return [ok("supervisor", f"runs as process {pid}")]
    running = sum(agent.has_process for agent in view.fleet.agents.values())
    if running:
        text = f"not running, while {running} agents are said to run"
        return [problem("supervisor", text, "acc supervise --detach")]
    return [ok("supervisor", "not running; started when needed")]


def said_version(program: str, words: tuple[str, ...]) -> str:
    """First line a program prints about itself; empty when it says nothing in time."""
    try:
        done = subprocess.run(
            [program, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else ""


def version_of(text: str) -> tuple[int, ...]:
    """The first dotted number in `text`; empty when there is none."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(map(int, found[0].split("."))) if found else ()


def _nearest(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.exists())


def _dotted(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))
