"""What the demo agent does for a prompt: a note, a small program, a check, a commit."""

import keyword
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

MARK = '"""Made by the demo agent, which follows a small script and uses no model."""'
_WORDS = re.compile(r"\[(slow|fail|ask)\]")
_IDENTITY = {"NAME": "Demo Agent", "EMAIL": "demo-agent@localhost"}


class Task(NamedTuple):
    prompt: str
    title: str
    """First line of the prompt, printable, without script words."""
    slug: str
    words: frozenset[str]
    """Script words found in the prompt: slow, fail, ask."""

    @property
    def function(self) -> str:
        name = self.slug.replace("-", "_")
        return f"task_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


class Written(NamedTuple):
    note: Path
    program: Path


def task_of(prompt: str) -> Task:
    told = _WORDS.sub("", prompt).strip()
    first = "".join(c for c in told.partition("\n")[0] if c.isprintable())
    words = re.findall(r"[a-z0-9]+", first.lower())[:4]
    slug = "-".join(words)[:40].strip("-") or "task"
    return Task(prompt, " ".join(first.split())[:60], slug, frozenset(_WORDS.findall(prompt)))


def plan(task: Task, written: Written) -> list[str]:
    return [
        f"write down what is asked in {written.note}",
        f"write {written.program} with a function {task.function}() and a check",
        f"run `python {written.program}`",
        "commit both files",
    ]


def files_for(task: Task) -> Written:
    """Paths in the worktree; a file that is not ours is left alone."""
    name, number = f"demo_{task.function}", 1
    while (program := Path(f"{name}.py" if number == 1 else f"{name}_{number}.py")).exists():
        if program.read_text("utf-8", "replace").startswith(MARK):
            break
        number += 1
    return Written(Path("notes") / f"{task.slug}.md", program)


def write(path: Path, text: str, extends: bool = False) -> None:
    """Raises OSError, also for a path that a link leads out of the worktree."""
    if not path.resolve().is_relative_to(Path.cwd().resolve()):
        raise OSError(f"{path}: leads out of the worktree; not written")
    path.parent.mkdir(exist_ok=True)
    with path.open("a" if extends else "w", encoding="utf-8", errors="replace") as file:
        file.write(text)


def note_text(task: Task, turn: int, is_new: bool) -> str:
    head = f"# {task.title or 'A task'}\n" if is_new else ""
    asked = "\n".join(f"> {line}" for line in task.prompt.splitlines())
    return f"{head}\n## Turn {turn}\n\n{asked}\n"


def program_text(task: Task) -> str:
    words = tuple(task.slug.split("-"))
    wanted = "something else" if "fail" in task.words else " ".join(words)
    return f"""{MARK}

WORDS = {words!r}


def {task.function}() -> str:
    return " ".join(WORDS)


if __name__ == "__main__":
    found = {task.function}()
    assert found == {wanted!r}, f"the check found {{found!r}}"
    print(f"check passed: {{found}}")
"""


def check(program: Path) -> subprocess.Popen[str]:
    """The running check; its output comes in one pipe."""
    return subprocess.Popen(
        [sys.executable, "-I", str(program)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def commit(task: Task, written: Written) -> str:
    """What git said, for the user to read."""
    paths = [str(written.note), str(written.program)]
    added = _git("add", "--", *paths)
    if added.returncode:
        return f"Not committed: {_last_line(added.stderr)}"
    message = f"demo: {task.title or task.slug}"
    # A signing program could ask for a passphrase on the terminal we draw on.
    done = _git("-c", "commit.gpgsign=false", "commit", "-q", "-m", message, "--", *paths)
    if done.returncode:
        return f"Not committed: {_last_line(done.stderr or done.stdout)}"
    return f"Committed {_git('rev-parse', '--short', 'HEAD').stdout.strip()} {message}"


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ)
    for name, value in _IDENTITY.items():
        # Our own name only where the user has told git none.
        if not _config(f"user.{name.lower()}"):
            env.setdefault(f"GIT_AUTHOR_{name}", value)
            env.setdefault(f"GIT_COMMITTER_{name}", value)
    return _run(["git", *words], env)


def _config(key: str) -> str:
    return _run(["git", "config", key], dict(os.environ)).stdout.strip()


def _run(argv: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "git said no")
