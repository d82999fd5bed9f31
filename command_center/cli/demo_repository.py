"""The throw-away repository of `acc demo`: a few files, two commits, and a mark that it is ours."""

import os
import subprocess
from pathlib import Path

from command_center.domain.errors import GitError, PathTaken
from command_center.domain.text import one_line

_MARK = "command-center-demo"
"""A file in the git folder: without it the repository is somebody's own."""

_FIRST = {
    "README.md": "# Recipes\n\nA small cook book, made by `acc demo` to be thrown away.\n",
    "recipes.py": """\
RECIPES = {
    "bread": {"flour": "500 g", "water": "350 g", "salt": "10 g", "oven": 230},
    "soup": {"leeks": "3", "potatoes": "500 g", "cream": "100 g", "oven": 0},
}


def ingredients(name: str) -> list[str]:
    return [item for item in RECIPES[name] if item != "oven"]
""",
}
_SECOND = {
    "test_recipes.py": """\
from recipes import RECIPES, ingredients


def test_every_recipe_has_ingredients():
    assert all(ingredients(name) for name in RECIPES)
""",
}


def create(root: Path) -> None:
    """Leaves a repository of ours as it is. Raises PathTaken, GitError, OSError."""
    if is_ours(root):
        return
    if root.exists() and any(root.iterdir()):
        raise PathTaken(f"{one_line(str(root))}: not empty and not a demo; choose another --dir")
    root.mkdir(parents=True, exist_ok=True)
    _git(root, "init", "-q", "-b", "main")
    (root / ".git" / _MARK).touch()
    for files, message in ((_FIRST, "Two recipes"), (_SECOND, "Test the recipes")):
        for name, text in files.items():
            (root / name).write_text(text, encoding="utf-8")
        _git(root, "add", "--", *files)
        _git(root, "commit", "-q", "-m", message)


def is_ours(root: Path) -> bool:
    return (root / ".git" / _MARK).is_file()


def changes(root: Path) -> str:
    """Uncommitted and untracked paths of the main checkout, on one line; empty when clean."""
    return one_line(_git(root, "status", "--porcelain"), 200)


def _git(root: Path, *words: str) -> str:
    identity = {"GIT_AUTHOR_NAME": "Demo", "GIT_AUTHOR_EMAIL": "demo@localhost"}
    identity |= {"GIT_COMMITTER_NAME": "Demo", "GIT_COMMITTER_EMAIL": "demo@localhost"}
    # What a caller inside another repository's hook has set would lead us there.
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | identity
    done = subprocess.run(
        ["git", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=", *words],
        cwd=root,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise GitError(f"{root}: git {words[0]}: {one_line(done.stderr, 200)}")
    return done.stdout
