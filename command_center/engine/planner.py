"""From a goal to a plan: by a model of the router's, or by an agent CLI that is installed."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from command_center.domain.errors import IntentError, LaunchError, ModelError
from command_center.domain.niches import Job, Niche
from command_center.domain.plans import (
    INSTRUCTIONS,
    Plan,
    Proposal,
    briefs_of,
    checked_goal,
    context_of,
)
from command_center.domain.specs import AgentSpec, Headless
from command_center.domain.text import fenced, one_line
from command_center.drivers.headless import ask_headless
from command_center.drivers.models.router import Router
from command_center.drivers.models.talk import Ask, decoded, json_schema
from command_center.engine.meanings import value_at
from command_center.engine.recipes import find_binary, headless_recipe

GIT_SECONDS = 20.0
TRIES = 2
"""As often as a model of the router's may answer."""


def plan_with_model(router: Router, goal: str, root: Path, niche: Niche | None = None) -> Proposal:
    """Raises IntentError, ModelError, OverBudget, LogError."""
    ask = Ask(INSTRUCTIONS, _asked(goal), context_of(root.name, files_of(root)))
    answered = router.ask_for(Plan, Job.PLAN, ask, niche, check=briefs_of)
    [*_, last] = answered.calls
    return Proposal(
        by=f"{last.model} ({last.niche})",
        tasks=briefs_of(answered.value),
        dollars=answered.dollars,
        seconds=sum(call.seconds for call in answered.calls),
    )


def plan_with_cli(
    spec: AgentSpec, goal: str, root: Path, environ: Mapping[str, str], seconds: float
) -> Proposal:
    """It reads the repository itself. Raises IntentError, ModelError, LaunchError."""
    recipe = headless_recipe(spec, str(root), environ)
    assert spec.headless is not None
    env = {k: v for k, v in {**environ, **recipe.env}.items() if v is not None}
    schema = msgspec.json.encode(json_schema(Plan)).decode()
    asked = (
        f"{INSTRUCTIONS}\n\nAnswer with one JSON object and nothing else. It has to fit this JSON"
        f" schema:\n\n{fenced(schema)}\n\n{context_of(root.name, files_of(root))}\n\n{_asked(goal)}"
    )
    problem, more = "", ""
    for _ in range(TRIES):
        printed = ask_headless(recipe.argv, root, env, asked + more, seconds)
        answer = answer_in(printed, spec.headless)
        try:
            return Proposal(by=spec.name, tasks=briefs_of(decoded(answer, Plan)))
        except (msgspec.DecodeError, RecursionError, UnicodeError, IntentError) as error:
            problem = one_line(str(error), 500)
            more = f"\n\nAn answer before could not be used: {problem}"
    raise ModelError(f"{spec.name}: its answer cannot be used: {problem}")


def headless_specs(specs: Iterable[AgentSpec], environ: Mapping[str, str]) -> Iterator[AgentSpec]:
    """Those that are installed and answer without a screen."""
    for spec in specs:
        if spec.headless is not None:
            try:
                find_binary(spec, environ)
            except LaunchError:
                continue
            yield spec


def answer_in(printed: str, how: Headless) -> str:
    """The last answer that stands in what a CLI printed. Raises ModelError."""
    found = ""
    for thing in _objects(printed):
        text = value_at(thing, how.answer)
        is_it = all(value_at(thing, path) == wanted for path, wanted in how.where.items())
        if is_it and isinstance(text, str) and text.strip():
            found = text
    if not found:
        raise ModelError(f"no answer in what it printed: {one_line(printed, 200)}")
    return found


def _objects(printed: str) -> Iterator[object]:
    try:
        yield msgspec.json.decode(printed)
        return
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        lines = printed.splitlines()
    for line in lines:
        try:
            yield msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            # What is not JSON is a word of its own to a person.
            continue


def files_of(root: Path) -> list[str]:
    """What git knows of; nothing where it says nothing, for a plan can be made without."""
    try:
        listed = subprocess.run(
            ("git", "-c", "core.fsmonitor=false", "ls-files", "-z"),
            cwd=root,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [name for name in listed.stdout.decode("utf-8", "replace").split("\0") if name]


def _asked(goal: str) -> str:
    return f"The goal:\n\n{checked_goal(goal)}"
