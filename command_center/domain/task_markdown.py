"""Tasks out of Markdown and back: one for each heading, or one for each item of a checklist.

`docs/tasks.md` has the grammar. The text is untrusted: it is only read, and what it asks for
is shown before anything of it is done.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from enum import StrEnum

from msgspec.structs import replace

from command_center.domain.errors import IntentError
from command_center.domain.markdown import (
    Line,
    Section,
    heading,
    items,
    lines_of,
    sections,
    top_level,
)
from command_center.domain.task_life import circle
from command_center.domain.tasks import Brief
from command_center.domain.text import one_line
from command_center.domain.wordings import LISTS, WORDS, brief_of, worded, wording_of

MOST_TASKS = 300
LONGEST_TEXT = 1_000_000
"""Characters."""
LONGEST_TITLE = 120
_WORD = re.compile(r"(?:[-*+][ \t]+)?([A-Za-z][A-Za-z_-]{1,19})[ \t]*:(?:[ \t]+|$)")
_LISTED = re.compile(r"""[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^,"'`][^,]*))[ \t]*(?:,|$)""")
_ALIASES = {"tag": "tags", "need": "needs", "touch": "touches"}


class Per(StrEnum):
    """What stands for one task."""

    HEADING = "heading"
    ITEM = "item"


def parse_tasks(text: str, file: str = "", per: Per | None = None) -> tuple[Brief, ...]:
    """The tasks that are not checked off, in order; a need is `#N`, from 1, or the id of a task.

    What an agent is told is the title and what stands below. Raises IntentError with the line.
    """
    if len(text) > LONGEST_TEXT:
        raise _wrong(file, 1, f"longer than {LONGEST_TEXT:,} characters")
    lines = list(lines_of(text))
    found = _sections(lines, per)
    if not found:
        raise _wrong(file, 1, "no tasks; write one per heading, or per item as in `- [ ] Title`")
    if len(found) > MOST_TASKS:
        raise _wrong(file, found[MOST_TASKS].number, f"more than {MOST_TASKS} tasks")
    briefs = _briefs(found, file)
    return tuple(
        replace(brief, prompt=f"{brief.title}\n\n{brief.prompt}") if brief.prompt else brief
        for brief in briefs
    )


def parse_task(text: str, file: str = "") -> Brief:
    """The one task of a text: its first heading, and all below, which is what an agent is told.

    Raises IntentError with the line.
    """
    lines = list(lines_of(text))
    at = next((at for at, line in enumerate(lines) if heading(line)), None)
    if at is None or (head := heading(lines[at])) is None:
        raise _wrong(file, 1, "no title; write it as in `# Title`")
    found = Section(lines[at].number, head[1], False, tuple(lines[at + 1 :]))
    return _brief(found, file)


def written(briefs: Iterable[Brief]) -> str:
    """Markdown of which `parse_tasks` makes the same briefs, but for their repository.

    A prompt that does not begin with its title does so then. Raises IntentError as `written_task`.
    """
    return "\n\n".join(
        written_task(replace(each, prompt=each.prompt.removeprefix(f"{each.title}\n\n")))
        for each in briefs
    )


def written_task(brief: Brief) -> str:
    """Markdown of which `parse_task` makes the same brief, but for its repository.

    Raises IntentError when a line break stands where Markdown has no room for it.
    """
    words = wording_of(brief)
    said = [(name, getattr(words, name)) for name in WORDS]
    attributes = [
        f"{name.replace('_', '-')}: {_shown(value)}" for name, value in said if value is not None
    ]
    for line in attributes:
        if "\n" in line:
            raise IntentError(f"{one_line(line, 60)}: a line break cannot be written there")
    lines = lines_of(brief.prompt)
    prompt = "\n".join(
        line.text if line.is_code else re.sub(r"^(?=\\*#)", r"\\", line.text) for line in lines
    )
    return (
        "\n\n".join((f"## {one_line(brief.title)}", "\n".join(attributes), prompt)).strip() + "\n"
    )


def _shown(value: object) -> str:
    return ", ".join(map(_quoted, value)) if isinstance(value, tuple) else str(value)


def _quoted(word: str) -> str:
    if not re.search("[,\"'` ]", word):
        return word
    if (mark := next((mark for mark in "\"'`" if mark not in word), "")) == "":
        raise IntentError(f"{one_line(word, 60)}: has all kinds of quotes, so none can be set")
    return f"{mark}{word}{mark}"


def _sections(lines: Sequence[Line], per: Per | None) -> list[Section]:
    """Attributes below a heading say that it is a task, else an item does."""
    level = next(_levels_with_attributes(lines), 0)
    if per is not Per.HEADING and (per is Per.ITEM or not level):
        found = items(lines)
        if found or per is Per.ITEM:
            return found
    return sections(lines, level or top_level(lines))


def _levels_with_attributes(lines: Sequence[Line]) -> Iterator[int]:
    level = 0
    for line in lines:
        if head := heading(line):
            level = head[0]
        elif line.text.strip():
            if level and _name(line.text) in WORDS:
                yield level
            level = 0


def _briefs(found: Sequence[Section], file: str) -> list[Brief]:
    """Those that are still to be done, with their needs as places among them."""
    still = [place for place, task in enumerate(found, 1) if not task.is_checked]
    now_at = {place: f"#{now}" for now, place in enumerate(still, 1)}
    titles = [_key(task.title) for task in found]
    briefs = []
    for place in still:
        task = found[place - 1]
        brief = _brief(task, file)
        if len(brief.needs) > MOST_TASKS:
            raise _wrong(file, task.number, f"needs more than {MOST_TASKS} tasks")
        needs = (_need(titles, need, task, file) for need in brief.needs)
        # What was checked off is needed no more.
        kept = (now_at.get(need, "") if isinstance(need, int) else need for need in needs)
        briefs.append(replace(brief, needs=tuple(dict.fromkeys(filter(None, kept)))))
    if around := circle({f"#{n}": brief.needs for n, brief in enumerate(briefs, 1)}):
        places = [int(need[1:]) - 1 for need in (*around, around[0])]
        words = " needs ".join(briefs[place].title for place in places)
        number = found[still[places[0]] - 1].number
        raise _wrong(file, number, f"{words}: nothing of it could start")
    return briefs


def _need(titles: list[str], need: str, task: Section, file: str) -> int | str:
    """The place in the text that is meant, or the id of a task that is there already."""
    if re.fullmatch("T[0-9]{1,9}", need):
        return need
    if number := re.fullmatch("#?([0-9]{1,6})", need):
        if 1 <= int(number[1]) <= len(titles):
            return int(number[1])
        raise _wrong(file, task.number, f"needs {need}, and there are {len(titles)} tasks")
    title = _key(need)
    if titles.count(title) == 1:
        return titles.index(title) + 1
    if title in titles:
        why = "several tasks are called so; write their number"
    elif near := get_close_matches(title, titles, 1):
        why = f"no task is called so; did you mean {near[0]!r}?"
    else:
        why = "no task is called so"
    raise _wrong(file, task.number, f"needs {one_line(need, 60)!r}, and {why}")


def _key(title: str) -> str:
    return _title(title).casefold()


def _title(text: str) -> str:
    title = one_line(text)
    is_bold = len(title) > 4 and title[:2] == title[-2:] == "**" and "**" not in title[2:-2]
    return one_line(title[2:-2] if is_bold else title, LONGEST_TITLE)


def _brief(task: Section, file: str) -> Brief:
    """Its needs are as they were written."""
    title = _title(task.title)
    if not title:
        raise _wrong(file, task.number, "a task needs a title")
    values = dict(_attributes(task.body, file))
    prompt = itertools.islice(_words(task.body), len(values), None)
    values["prompt"] = "\n".join(map(_unescaped, prompt)).strip("\n").rstrip() or None
    try:
        return brief_of(title, worded(values))
    except IntentError as error:
        raise _wrong(file, task.number, f"{title}: {error}") from None


def _words(body: Sequence[Line]) -> Iterator[Line]:
    """From the first line that is not blank."""
    return itertools.dropwhile(lambda line: not line.text.strip(), body)


def _attributes(body: Sequence[Line], file: str) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for line in _words(body):
        if (pair := _pair(line, file)) is None:
            return
        if pair[0] in seen:
            raise _wrong(file, line.number, f"{pair[0]} is said twice")
        seen.add(pair[0])
        yield pair


def _unescaped(line: Line) -> str:
    return line.text if line.is_code else re.sub(r"^\\(?=\\*#)", "", line.text)


def _name(text: str) -> str:
    word = _WORD.match(text)
    name = word[1].lower().replace("-", "_") if word else ""
    return _ALIASES.get(name, name)


def _pair(line: Line, file: str) -> tuple[str, object] | None:
    """An attribute and its value; None where the prompt begins."""
    word = _WORD.match(line.text)
    if word is None:
        return None
    name, value = _name(line.text), line.text[word.end() :].strip()
    if name not in WORDS:
        if near := get_close_matches(name, WORDS, 1, 0.8):
            raise _wrong(file, line.number, f"{word[1]!r}: did you mean {near[0]!r}?")
        return None
    if name in LISTS:
        return name, _listed(value, name, line, file)
    if len(value) > 1 and value[0] == value[-1] == "`":
        value = value[1:-1]
    return name, value


def _listed(value: str, name: str, line: Line, file: str) -> list[str]:
    found, at = [], 0
    while at < len(value):
        part = _LISTED.match(value, at)
        if part is None:
            raise _wrong(file, line.number, f'{name}: write one, two, "three, with a comma"')
        found.append(next(filter(None, part.groups()), "").strip())
        at = part.end()
    return [each for each in found if each]


def _wrong(file: str, number: int, problem: str) -> IntentError:
    return IntentError(f"{file or 'line'}:{number}: {problem}")
