"""The house rules that a linter does not know."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.places import Places
from command_center.store.catalog import load_catalog

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "command_center"
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

HEAVY = frozenset(
    {
        "textual",
        "libtmux",
        "git",
        "anthropic",
        "openai",
        "torch",
        "httpx",
        "genai_prices",
        "mcp",
        "pynvml",
        "ray",
    }
)
LIGHT_MODULES = {
    "command_center.domain.usage": HEAVY | {"_hashlib", "typing_extensions"},
    "command_center.store.view": HEAVY,
    "command_center.store.catalog": HEAVY,
    "command_center.cli.main": HEAVY,
    "command_center.agent.app": HEAVY,
    "command_center.drivers.executors.ray": HEAVY,
    "command_center.tui.app": HEAVY - {"textual"},
}

OWN_SPECS = frozenset({"demo", "native", "shell"})
"""Shipped specs whose names are plain words, not the names of someone's CLI."""

# Written in two parts so that this file does not find itself.
MACHINE_BOUND = tuple(
    "".join(parts)
    for parts in (
        ("/ho", "me/"),
        ("/ro", "ot/"),
        ("/wo", "rk/"),
        ("/Us", "ers/"),
        ("pypi", ".org"),
        ("registry.", "npmjs"),
    )
)


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def tracked_files() -> list[Path]:
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def here(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_file_is_short() -> None:
    folders = ("command_center", "agents", "layouts", "tests", "benchmarks")
    lengths = {f: len(f.read_text("utf-8").splitlines()) for f in python_files(*folders)}
    assert lengths
    assert {here(f): n for f, n in lengths.items() if n >= LONGEST_FILE} == {}


def test_every_function_is_short() -> None:
    functions = [
        (node.end_lineno - node.lineno + 1, f"{here(file)}:{node.name}")
        for file in python_files("command_center")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert functions
    assert [name for lines, name in functions if lines >= LONGEST_FUNCTION] == []


def test_no_python_lies_among_the_data() -> None:
    assert [here(file) for file in python_files("agents", "layouts")] == []


def test_every_shipped_spec_is_without_a_problem(tmp_path: Path) -> None:
    catalog = load_catalog(Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path))
    assert catalog.problems == ()
    assert set(catalog.specs) == {file.stem for file in (ROOT / "agents").glob("*.toml")}


def test_no_python_names_an_agent_cli() -> None:
    names = {file.stem for file in (ROOT / "agents").glob("*.toml")} - OWN_SPECS
    names |= {"claude", "codex", "gemini", "opencode", "copilot", "grok", "aider"}
    pattern = re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(names))})(?![a-z])", re.IGNORECASE)
    found = [
        f"{here(file)}:{number}: {line.strip()}"
        for file in python_files("command_center")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_repository_is_bound_to_no_machine() -> None:
    found = []
    for file in tracked_files():
        text = file.read_bytes().decode("utf-8", "replace")
        found += [f"{here(file)}: {words}" for words in MACHINE_BOUND if words in text]
    assert found == []


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_slow_libraries_load_only_where_they_are_used(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert LIGHT_MODULES[module].intersection(loaded) == set()


def test_what_msgspec_does_without_is_there_for_others() -> None:
    code = "import command_center.domain, typing_extensions; print(typing_extensions.TypeIs)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True)


def test_the_checks_prove_the_layers() -> None:
    dry_run = subprocess.check_output(["make", "-n", "check"], cwd=ROOT, text=True)
    assert "lint-imports" in dry_run
