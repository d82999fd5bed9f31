"""Finding files and text in them, by git: it is quick and knows what is ignored."""

from typing import Annotated

from msgspec import Meta, Struct

from command_center.agent.tools.ground import Ground
from command_center.agent.tools.outcome import Outcome, ToolProblem, counted
from command_center.agent.tools.process import Ended, run

SECONDS = 20.0
MOST_LINES = 250
_ALWAYS = ("git", "--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false")
_GLOB = ("git", "--no-pager", "--glob-pathspecs", "-c", "core.fsmonitor=false")


class Search(Struct, frozen=True, forbid_unknown_fields=True):
    """Search the files' lines for an extended regular expression. Ignored files are left out."""

    pattern: Annotated[str, Meta(min_length=1, description="Extended regular expression.")]
    path: Annotated[str, Meta(description="File or folder to search in.")] = "."
    ignore_case: bool = False


class List(Struct, frozen=True, forbid_unknown_fields=True):
    """List files by a glob such as `src/**/*.py`. Ignored files are left out."""

    glob: Annotated[str, Meta(min_length=1, description="`**` stands for any folders.")] = "**"


async def search(ground: Ground, told: Search) -> Outcome:
    where = ground.name(ground.path(told.path))
    words = ("grep", "--untracked", "-nIE", *(("-i",) if told.ignore_case else ()))
    ended = await _git(ground, (*_ALWAYS, *words, "-e", told.pattern, "--", where))
    if ended.code == 1 and not ended.output.strip():
        return Outcome("nothing found", seen="nothing")
    return _lines(ended, "line")


async def listed(ground: Ground, told: List) -> Outcome:
    if told.glob.startswith(("/", "../")) or "/../" in told.glob:
        raise ToolProblem(f"{told.glob}: leads out of the working folder")
    words = ("ls-files", "-co", "--exclude-standard", "--deduplicate", "--", told.glob)
    return _lines(await _git(ground, (*_GLOB, *words)), "file")


async def _git(ground: Ground, argv: tuple[str, ...]) -> Ended:
    try:
        return await run(argv, ground.root, SECONDS)
    except TimeoutError as error:
        raise ToolProblem(f"not done after {SECONDS:.0f} s; ask for less") from error


def _lines(ended: Ended, what: str) -> Outcome:
    lines = ended.output.splitlines()
    if ended.code not in (0, 1):
        raise ToolProblem(lines[0] if lines else f"git ended with {ended.code}")
    shown = [line[:400] for line in lines[:MOST_LINES]]
    left = len(lines) - len(shown)
    more = [f"({left} more; ask for less)"] if left else []
    seen = counted(len(lines), what) if lines else "nothing"
    return Outcome("\n".join((*shown, *more)) or "nothing found", seen=seen)
