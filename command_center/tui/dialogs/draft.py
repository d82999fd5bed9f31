"""What a filled-in launch form means: which agents, and what stands in the way."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from command_center.domain.budgets import Cap, parse_cap
from command_center.domain.intents import Launch
from command_center.domain.specs import AgentSpec, Mode
from command_center.domain.text import one_line
from command_center.store.roots import repository_root

MODES: tuple[tuple[str, str], ...] = (
    ("", "as each CLI does by default"),
    (Mode.ASK, "ask: it asks before it edits or runs anything"),
    (Mode.EDITS, "edits: it edits files freely and asks for the rest"),
    (Mode.PLAN, "plan: it reads and plans, and changes nothing"),
    (Mode.FULL, "full: it never asks"),
)
"""Permission modes with their meaning in plain words."""


class DraftError(ValueError):
    """The form cannot be launched; the text names the field, the problem and the way out."""


class Draft(Struct, frozen=True):
    """The fields as the user left them."""

    counts: Mapping[str, int] = {}
    """Agents wanted of each spec, by its id."""
    prompt: str = ""
    """The text itself, or `@FILE` alone for the text of a file."""
    is_by_line: bool = False
    """Whether each line of the prompt is a prompt of its own."""
    repo: str = ""
    base: str = "HEAD"
    branch: str = ""
    model: str = ""
    mode: str = ""
    trusts_repo: bool = False
    budget: str = ""
    """What each agent may spend, such as `5usd,200ktok`; empty: as the settings say."""
    comes_back: bool | None = None
    """Whether they go on when a limit of their plan ends; None: as the settings say."""


def launches(draft: Draft, specs: Mapping[str, AgentSpec]) -> list[Launch]:
    """One intent for each agent. Raises DraftError."""
    _check(draft, specs)
    prompts, budget = _prompts(draft), _budget(draft.budget)
    return [
        Launch(
            spec=spec,
            repo=str(_folder(draft.repo)),
            prompt=prompt,
            base=draft.base.strip() or "HEAD",
            branch=draft.branch.strip(),
            model=draft.model.strip(),
            mode=draft.mode if specs[spec].launch.modes else "",
            trusts_repo=draft.trusts_repo,
            budget=budget,
            comes_back=draft.comes_back,
        )
        for prompt in prompts
        for spec, count in draft.counts.items()
        for _ in range(count)
    ]


def summary(draft: Draft, specs: Mapping[str, AgentSpec]) -> str:
    """One sentence on what launching would do. Raises DraftError."""
    planned = launches(draft, specs)
    per_spec = {spec: sum(launch.spec == spec for launch in planned) for spec in draft.counts}
    kinds = ", ".join(f"{n} × {one_line(specs[s].name, 40)}" for s, n in per_spec.items())
    base = one_line(draft.base.strip() or "HEAD", 40)
    where = one_line(_folder(draft.repo).name, 40)
    if len(planned) == 1:
        return f"launches {kinds} in a worktree of {where} from {base}"
    return f"launches {len(planned)} agents: {kinds}, each in a worktree of {where} from {base}"


def _check(draft: Draft, specs: Mapping[str, AgentSpec]) -> None:
    chosen = [specs[spec] for spec, count in draft.counts.items() if count]
    if not chosen:
        raise DraftError("no agent chosen: press + on one of them")
    repository(draft.repo)
    _check_mode(draft.mode, chosen)
    _check_branch(draft, sum(draft.counts.values()) * len(_prompts(draft)))


def repository(path: str) -> Path:
    """The folder, which is in a repository. Raises DraftError."""
    if not path.strip():
        raise DraftError("no repository: give the path of one")
    folder = _folder(path)
    if not folder.is_dir():
        raise DraftError(f"repository: no folder {one_line(path)}; give an existing path")
    if not _is_in_repository(folder):
        raise DraftError(f"repository: {one_line(path)} is not in git; run git init there")
    return folder


def _budget(text: str) -> Cap:
    try:
        return parse_cap(text) if text.strip() else Cap()
    except ValueError as error:
        raise DraftError(f"budget: {one_line(str(error))}") from None


def _check_mode(mode: str, chosen: list[AgentSpec]) -> None:
    for spec in chosen:
        if mode and spec.launch.modes and mode not in spec.launch.modes:
            known = ", ".join(spec.launch.modes)
            raise DraftError(f"mode: {spec.name} has no mode {mode}; it has {known}")


def _check_branch(draft: Draft, count: int) -> None:
    template = draft.branch.strip()
    try:
        template.format(name="ada", spec="shell", slug="fix")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise DraftError("branch: only {name}, {spec} and {slug} may stand in braces") from None
    if template and count > 1 and "{" not in template:
        raise DraftError(f"branch: {count} agents cannot share {template}; put {{name}} into it")


def _prompts(draft: Draft) -> list[str]:
    text = _text(draft.prompt)
    if not draft.is_by_line:
        return [text]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise DraftError("prompt: one agent for each line, but there is no line yet")
    return lines


def _text(prompt: str) -> str:
    """The prompt, from a file when it is `@FILE` alone."""
    name = prompt.strip()
    if not name.startswith("@") or len(name.split()) != 1 or name == "@":
        return prompt.rstrip()
    file = Path(name[1:]).expanduser()
    try:
        return file.read_text("utf-8").rstrip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise DraftError(
            f"prompt: {one_line(str(file))}: {why}; add a word to send it as it is"
        ) from None


def _folder(repo: str) -> Path:
    return Path(repo.strip()).expanduser().absolute()


def _is_in_repository(folder: Path) -> bool:
    is_bare = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
    return is_bare or repository_root(folder) is not None
