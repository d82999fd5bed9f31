"""Templates of tasks: what is the same in all tasks of a kind, with variables for the rest."""

import re
import shlex
from collections.abc import Mapping

from msgspec import field, structs

from command_center.domain.errors import IntentError
from command_center.domain.strict import nearest
from command_center.domain.wordings import WORDS, Wording, laid_over

TITLE, PROMPT = "title", "prompt"
"""The variables that every template has."""
_VARIABLE = re.compile(r"\{(\{)?([a-z][a-z0-9_]{0,31})\}(?(1)\})")


class Template(Wording, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A wording in whose `prompt`, `check` and `touches` words such as `{file}` are variables.

    `{{file}}` stands for `{file}` itself.
    """

    about: str = ""
    """When to take it, in a few words."""
    defaults: dict[str, str] = field(default_factory=dict)
    """What variables stand for unless they are set; one without a default has to be."""

    @property
    def variables(self) -> list[str]:
        """In the order in which they occur, without those that every template has."""
        text = " ".join((self.prompt or "", self.check or "", *(self.touches or ())))
        return [name for name in dict.fromkeys(_names(text)) if name not in (TITLE, PROMPT)]


def filled(template: Template, title: str, own: Wording, values: Mapping[str, str]) -> Wording:
    """What `own` says over the template, whose variables stand for `values`.

    The words of `own` come after the template's prompt, unless `{prompt}` says where. Raises
    IntentError for a variable that is missing or that the template does not have.
    """
    known = template.variables
    for name in values:
        if name not in known:
            hint = nearest(name, known, "it has") if known else "it has none"
            raise IntentError(f"the template has no variable {name!r}; {hint}")
    given = {**template.defaults, **values, TITLE: title, PROMPT: own.prompt or ""}
    if missing := [name for name in known if name not in given]:
        wanted = " ".join(f"--set {name}=..." for name in missing)
        raise IntentError(f"the template needs {', '.join(missing)}; give {wanted}")
    prompt = _said(template.prompt or "", given).strip()
    if own.prompt and PROMPT not in _names(template.prompt or ""):
        prompt = f"{prompt}\n\n{own.prompt}".strip()
    # Variables are put into the words of a command, so that none becomes several words.
    check = [_said(word, given) for word in shlex.split(template.check or "")]
    below = Wording(**{name: getattr(template, name) for name in WORDS})
    below = structs.replace(
        below,
        check=shlex.join(check) or None,
        touches=tuple(_said(path, given) for path in template.touches or ()) or None,
    )
    return structs.replace(laid_over(below, own), prompt=prompt or None)


def _names(text: str) -> list[str]:
    return [found[2] for found in _VARIABLE.finditer(text) if not found[1]]


def _said(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda m: f"{{{m[2]}}}" if m[1] else values[m[2]], text)
