"""The training tasks that come with the program, and copies of them to work in."""

import gzip
import hashlib
from difflib import get_close_matches
from functools import cache
from importlib import invalidate_caches
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.errors import IntentError, NotFound
from command_center.domain.text import one_line

NAMES = ("microgpt", "starter", "hard")
"""From the one that runs anywhere to the one in which a gain must be proved."""
JUDGES = ("judge.py", "prepare.py", "task.toml", "data/train.txt", "data/val.txt")
"""What an agent may not change; `judge.sha256` in a copy has their digests."""
PLAYERS = ("train.py", "program.md", "noise.json")
_ROOT = files("command_center") / "training"


class TrainingTask(Struct, frozen=True):
    """What task.toml says of it; the rest is its judge's."""

    title: str
    needs: str
    """Module that it imports, which `pip install command-center[train]` brings; or none."""
    budget: dict[str, dict[str, float]]
    """Per size: one of steps, cpu_seconds, seconds."""


def training_task(name: str) -> TrainingTask:
    """Raises NotFound, with near names."""
    if name not in NAMES:
        near = get_close_matches(name, NAMES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NAMES)}"
        raise NotFound(f"no training task '{one_line(name)}'; {hint}")
    return msgspec.toml.decode(shipped_file(name, "task.toml"), type=TrainingTask)


def missing_module(name: str) -> str:
    """The module that a task imports and that is not installed here; empty: it can run.

    Nothing is imported to find out.
    """
    needed = training_task(name).needs
    # It may have been installed a moment ago.
    invalidate_caches()
    return needed if needed and find_spec(needed) is None else ""


def copy_task(name: str, folder: Path) -> None:
    """Makes a folder in which `python train.py` trains and `python judge.py` judges.

    Raises NotFound for an unknown name, IntentError when something is there already.
    """
    training_task(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise IntentError(f"{one_line(str(folder))} is not empty; name a new folder")
    contents = {file: shipped_file(name, file) for file in (*JUDGES, *PLAYERS)}
    contents["judge.sha256"] = judge_sums(name).encode()
    contents[".gitignore"] = b"__pycache__/\n*.log\nresults.tsv\n"
    for file, content in contents.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)


def name_of(folder: Path) -> str:
    """The task that a folder is a copy of. Raises NotFound."""
    file = folder / "task.toml"
    content = file.read_bytes() if file.is_file() else b""
    for name in NAMES:
        if content == shipped_file(name, "task.toml"):
            return name
    raise NotFound(f"{one_line(str(folder))}: no copy of a training task; see `acc train copy`")


def judge_sums(name: str) -> str:
    """Digests of what belongs to the judge, as `sha256sum --check` reads them."""
    digests = {file: hashlib.sha256(shipped_file(name, file)).hexdigest() for file in JUDGES}
    return "".join(f"{digest}  {file}\n" for file, digest in digests.items())


def held_back() -> bytes:
    """The text for the last word: in no copy, so that no agent has tuned on it."""
    return text("test")


@cache
def text(split: str) -> bytes:
    return gzip.decompress((_ROOT / "data" / f"{split}.txt.gz").read_bytes())


def shipped_file(name: str, file: str) -> bytes:
    """What a copy of the task has under this name."""
    if file.startswith("data/"):
        return text(Path(file).stem)
    folder = _ROOT if file.endswith(("judge.py", "prepare.py")) else _ROOT / name
    return (folder / file).read_bytes()
