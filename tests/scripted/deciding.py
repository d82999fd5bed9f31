"""From a request to the model's answer: is it the conversation or the CLI's own, and which step."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from tests.scripted.exchange import SIDE_USAGE, Answer, Ask, Turn
from tests.scripted.json_values import an_object
from tests.scripted.script import BadScript, Step, parse, played, script_in, step_at
from tests.scripted.tool_calls import filled

ADDED = r"<((?:\w+[-_])+\w+|rules)>.*?</\1>"
"""A block a CLI puts around a prompt: its tag has a hyphen or an underscore, or is `rules`."""
ADDED_BEFORE = re.compile(rf"(?:\s*{ADDED})+\s*", re.DOTALL)
ADDED_AFTER = re.compile(r"\s*<((?:\w+[-_])+\w+)>(?:(?!<\1>).)*</\1>\s*\Z", re.DOTALL)
ADDED_RULES = re.compile(r"\n\n# \*SEARCH/REPLACE block\* Rules.*\Z", re.DOTALL)
ENVELOPE = re.compile(r"<user_query>\n(.*)\n</user_query>", re.DOTALL)
ADDED_WHOLE = ("[Request interrupted by user", "# AGENTS.md instructions for ")
SIDE_ASKED = re.compile(
    r"title generator|(?:generat\w*|write) (?:a |the )?(?:\w+ )?title"
    r"|Predict the user's next message",
    re.IGNORECASE,
)
TITLE = "Scripted title"
TITLE_TOOLS = {"session_title"}
"""All that is on offer to a request which some CLI makes for a title beside the first turn."""


def user_prompts(turns: Sequence[Turn]) -> list[str]:
    """What a user typed, verbatim and in order, without what the CLI wrapped around it."""
    return [prompt for turn in turns if turn.role == "user" for prompt in _typed(turn)]


def decide(ask: Ask) -> tuple[Answer, Step | None]:
    """The answer to `ask` as if no failure were due, and the step it plays, if any."""
    if ask.schema is not None:
        if (found := _schooled(ask)) is not None:
            return found
        known = [(("title", "name"), TITLE), (("next_speaker",), "user")]
        text = json.dumps(filled(an_object(ask.schema), known))
        return Answer(text, usage=SIDE_USAGE, side=True), None
    if _is_side(ask):
        return Answer(TITLE, usage=SIDE_USAGE, side=True), None
    at = _newest_prompt(ask.turns)
    script = None if at is None else script_in("\n".join(_typed(ask.turns[at])))
    if at is None or script is None:
        return Answer("OK."), None
    try:
        steps = parse(script)
    except BadScript as error:
        return Answer(f"Bad script: {error}"), None
    counted = "tool" if ask.tools else "assistant"
    results = sum(turn.role == counted for turn in ask.turns[at + 1 :])
    index, step = step_at(steps, results)
    return played(step, index, ask), step


def _schooled(ask: Ask) -> tuple[Answer, Step] | None:
    """What a script says to a request that names a schema; None for a CLI's own."""
    for at, turn in reversed([*enumerate(ask.turns)]):
        script = script_in("\n".join(turn.parts)) if turn.role == "user" else None
        steps = parse(script) if script and "json:" in script else []
        if steps:
            index = sum(later.role == "assistant" for later in ask.turns[at + 1 :])
            step = steps[min(index, len(steps) - 1)]
            return replace(step.base, text=step.text, step=index), step
    return None


def _typed(turn: Turn) -> list[str]:
    return [prompt for prompt in map(_unwrapped, turn.parts) if prompt.strip()]


def _unwrapped(part: str) -> str:
    enveloped = ENVELOPE.search(part)
    if enveloped:
        return enveloped[1]
    if part.startswith(ADDED_WHOLE):
        return ""
    part = ADDED_RULES.sub("", part)
    before = ADDED_BEFORE.match(part)
    return ADDED_AFTER.sub("", part[before.end() :] if before else part)


def _newest_prompt(turns: Sequence[Turn]) -> int | None:
    typed = [at for at, turn in enumerate(turns) if turn.role == "user" and _typed(turn)]
    return typed[-1] if typed else None


def _is_side(ask: Ask) -> bool:
    """A title or a suggestion is asked for, or without tools nothing here is scripted."""
    if ask.tools:
        return ask.tools.keys() == TITLE_TOOLS
    parts = [part for turn in ask.turns if turn.role in ("user", "system") for part in turn.parts]
    return any(map(SIDE_ASKED.search, parts)) or not any(map(script_in, parts))
