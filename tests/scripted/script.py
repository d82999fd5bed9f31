"""The step language of a scripted prompt, and what the model answers to it.

A prompt that holds `SM[ step ;; step ;; ... ]SM` is a script. The newest prompt decides, and the
step to play is the number of tool results that follow it; so the model keeps no state and one
server serves any number of agents.

Steps
  sh:CMD          call the CLI's shell tool
  ask:CMD         the same, asking to leave the sandbox where the tool knows such a thing
  par:A %% B      two or more shell calls in one answer
  write:PATH|TEXT call the CLI's write tool ("\\n" in TEXT is a newline)
  read:PATH       call the CLI's read tool
  tool:NAME|JSON  call any tool with these arguments
  say:TEXT        end the turn
  json:TEXT       answer a request that names a schema; each repair asks for the next one
Modifiers, for the step that follows them
  u:IN,OUT,CACHE_READ,CACHE_WRITTEN,REASONED  usage to report; IN excludes the cache
  slow:N,SEC      send the text as N chunks, SEC apart
  wait:SEC        wait before the first byte
  think:TEXT      put a reasoning part first
  err:CODE,TIMES  answer this HTTP status, the first TIMES times (default: always)
  limit:SEC,TIMES refuse: the plan limit is reached and resets in SEC seconds (default: always)
  rl:PCT          rate-limit headers that say PCT % is used
  drop:           cut the connection in the middle of the stream
  cut:            say that the answer has reached its greatest length
"""

import json
import re
from dataclasses import dataclass, field, replace

from tests.scripted.exchange import Answer, Ask, Call, Failure, Usage
from tests.scripted.json_values import an_object
from tests.scripted.tool_calls import read_call, shell_call, write_call

SCRIPT = re.compile(r"SM\[(.*?)\]SM", re.DOTALL)
ALWAYS = 10**9
ENDS_THE_TURN = "say"


class BadScript(ValueError):
    """A step that does not parse; the model says so in its answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One answer of the model."""

    kind: str
    text: str
    base: Answer = field(default_factory=lambda: Answer(""))
    """Everything the modifiers set."""
    refusals: int = 0
    """How many times `base.failure` is given before the answer."""

    @property
    def results(self) -> int:
        """How many tool results the step leads to."""
        return self.text.count("%%") + 1 if self.kind == "par" else 1


def script_in(text: str) -> str | None:
    """The last script in `text`."""
    scripts = SCRIPT.findall(text)
    return str(scripts[-1]) if scripts else None


def parse(script: str) -> list[Step]:
    """The steps of a script. Raises BadScript."""
    steps: list[Step] = []
    base, refusals, pending = Answer(""), 0, False
    for raw in filter(None, (part.strip() for part in script.split(";;"))):
        kind, _, text = (part.strip() for part in raw.partition(":"))
        try:
            modified = _modified(base, kind, text)
        except ValueError as error:
            raise BadScript(f"{raw}: {error}") from error
        if modified is None:
            steps.append(Step(kind, text, base, refusals))
            base, refusals, pending = Answer(""), 0, False
            continue
        base, pending = modified, True
        if kind in ("err", "limit"):
            refusals = int(text.partition(",")[2] or ALWAYS)
    if pending:
        steps.append(Step(ENDS_THE_TURN, "", base, refusals))
    return steps


def step_at(steps: list[Step], results: int) -> tuple[int, Step]:
    """The step to play once `results` tool results are in."""
    for index, step in enumerate(steps):
        if results < step.results or step.kind == ENDS_THE_TURN:
            return index, step
        results -= step.results
    return len(steps), Step(ENDS_THE_TURN, "The script is over.")


def played(step: Step, index: int, ask: Ask) -> Answer:
    """The answer of one step, with calls to the tools this request offers."""
    if step.kind == ENDS_THE_TURN:
        text = step.text or ("cut off" if step.base.drop else "")
        return replace(step.base, text=text, step=index)
    if not ask.tools:
        return replace(step.base, text=_in_text(step), step=index)
    try:
        calls = [call for call in _calls(step, ask) if call is not None]
    except BadScript as error:
        return replace(step.base, text=f"Bad script: {error}", step=index)
    if not calls:
        offered = ", ".join(ask.tools)
        return replace(step.base, text=f"No tool fits {step.kind!r} among {offered}", step=index)
    text = f"Running scripted step {index}."
    return replace(step.base, text=text, calls=tuple(calls), step=index)


def _modified(base: Answer, kind: str, text: str) -> Answer | None:
    match kind:
        case "u":
            return replace(base, usage=Usage(*(int(count) for count in text.split(","))))
        case "slow":
            chunks, _, seconds = text.partition(",")
            return replace(base, slow=(int(chunks), float(seconds)))
        case "wait":
            return replace(base, wait=float(text))
        case "think":
            return replace(base, thought=text)
        case "err":
            return replace(base, failure=Failure(int(text.partition(",")[0])))
        case "limit":
            return replace(base, failure=Failure(429, int(text.partition(",")[0])))
        case "rl":
            return replace(base, limit_percent=float(text))
        case "drop":
            return replace(base, drop=True)
        case "cut":
            return replace(base, is_cut=True)
        case _:
            return None


def _calls(step: Step, ask: Ask) -> list[Call | None]:
    match step.kind:
        case "sh":
            return [shell_call(step.text, ask.tools)]
        case "ask":
            return [shell_call(step.text, ask.tools, escalate=True)]
        case "par":
            return [shell_call(part.strip(), ask.tools) for part in step.text.split("%%")]
        case "write":
            path, _, text = step.text.partition("|")
            return [write_call(path, text.replace("\\n", "\n"), ask.tools)]
        case "read":
            return [read_call(step.text, ask.tools)]
        case "tool":
            name, _, arguments = step.text.partition("|")
            return [Call(name.strip(), _decoded(arguments))]
        case _:
            raise BadScript(f"unknown step {step.kind!r}")


def _decoded(arguments: str) -> dict[str, object]:
    try:
        return an_object(json.loads(arguments or "{}"))
    except json.JSONDecodeError as error:
        raise BadScript(f"{arguments}: {error}") from error


def _in_text(step: Step) -> str:
    """The step for an agent that reads the text instead of calling tools."""
    if step.kind == "write":
        path, _, text = step.text.partition("|")
        body = text.replace("\\n", "\n")
        return f"{path}\n```\n<<<<<<< SEARCH\n=======\n{body}\n>>>>>>> REPLACE\n```\n"
    if step.kind in ("sh", "ask"):
        return f"THOUGHT: scripted.\n\n```mswea_bash_command\n{step.text}\n```"
    return step.text
