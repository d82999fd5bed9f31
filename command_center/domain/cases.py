"""A verdict with all that led to it, without secrets, as lines that the corpus of tests replays."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import msgspec
from msgspec import Struct

from command_center.domain.model import Agent, Claim
from command_center.domain.text import one_line

_LEFT_OUT = "[left out]"
_SECRETS = (
    (
        re.compile(r"\b(?:sk|pk|rk|gh[a-z]|github_pat|glpat|xox[a-z]|hf|npm)[-_][\w-]{8,}"),
        _LEFT_OUT,
    ),
    (re.compile(r"\b(?:AKIA|ASIA|AIza|ya29\.)[\w-]{12,}"), _LEFT_OUT),
    (re.compile(r"(?i)\b(bearer|basic) +[\w.~+/=-]{8,}"), rf"\1 {_LEFT_OUT}"),
    (
        re.compile(
            r"(?i)([\w-]*(?:api[_-]?key|token|secret|passw(?:or)?d))(\"?\s*[=:]\s*)[^\s,;]+"
        ),
        rf"\1\2{_LEFT_OUT}",
    ),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b"), "ada@example.org"),
    (re.compile(r"(?<![\w/.-])(?=[\w+=]*\d)(?=[\w+=]*[A-Za-z])[\w+=]{32,}"), _LEFT_OUT),
)


class Scrub(Struct, frozen=True):
    """What must not leave the machine, beside what looks like a key anywhere."""

    home: str
    user: str
    places: tuple[tuple[str, str], ...] = ()
    """Paths and what to write for them, the longest first."""

    @classmethod
    def of(cls, agent: Agent, home: PurePath, repo: str = "") -> "Scrub":
        """The user's name is taken from the folder `home`."""
        named = {agent.order.worktree: "$WT", repo: "$REPO"}
        places = sorted(
            ((p, n) for p, n in named.items() if len(p) > 1), key=lambda pn: -len(pn[0])
        )
        return cls(str(home), home.name, tuple(places))

    def __call__(self, text: str) -> str:
        for path, name in (*self.places, (self.home, "~")):
            text = text.replace(path, name) if len(path) > 1 else text
        for pattern, instead in _SECRETS:
            text = pattern.sub(instead, text)
        return re.sub(rf"\b{re.escape(self.user)}\b", "ada", text) if self.user else text


def case_of(
    agent: Agent,
    claims: Iterable[Claim],
    screen: Sequence[str],
    now: float,
    scrub: Scrub,
    about: str,
) -> str:
    """What each source says and how old that is, the screen, and what is made of it."""
    told = sorted(claims, key=lambda claim: claim.at)
    lines: list[dict[str, object]] = [{"spec": agent.order.spec, "about": scrub(about)}]
    lines += [{"at": 0, "claim": _told(claim, now, scrub)} for claim in told]
    if screen:
        lines.append({"at": 0, "screen": [scrub(line) for line in screen]})
    lines.append({"state": agent.state, "reason": scrub(agent.reason)})
    return "".join(f"{msgspec.json.encode(line).decode()}\n" for line in lines)


def _told(claim: Claim, now: float, scrub: Scrub) -> dict[str, object]:
    told: dict[str, object] = {
        "source": claim.source,
        "state": claim.state,
        "age": round(now - claim.at, 3),
        "is_complete": claim.is_complete,
    }
    texts = {"reason": scrub(claim.reason), "evidence": scrub(one_line(claim.evidence, 300))}
    told |= {key: text for key, text in texts.items() if text}
    return told | ({"until": round(claim.until - now, 3)} if claim.until else {})
