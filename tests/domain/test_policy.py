"""What is answered without a person."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain.asks import Kind, Question
from command_center.domain.policy import Asker, Do, Rule, decision

ADA = Asker("claude", "ada", "/srv/me/project")
WORDS = ("git", "status", "rm", "-rf", "x", "*", "..", "/etc", ";", "&&", "|", "$(ls)", "`", "\n")
GLOBS = st.sampled_from(("*", "git *", "git status*", "rm*", "*x*", "?", "[g]it*"))
COMMANDS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join) | st.text()
RULES = st.builds(
    Rule,
    do=st.sampled_from(Do),
    tool=st.sampled_from(("*", "Bash", "Write")),
    match=st.lists(GLOBS, max_size=2).map(tuple),
    agent=st.sampled_from(("*", "ada", "bob")),
    compound=st.booleans(),
)
RULE_LISTS = st.lists(RULES, max_size=5)
SYNTAX = set(";&|<>()`$\n\r")


def asks(detail: str, tool: str = "Bash") -> Question:
    return Question("1", Kind.PERMISSION, detail, 0.0, tool, detail, is_exact=True)


def decided(rules: list[Rule], detail: str, tool: str = "Bash") -> Do:
    return decision(rules, ADA, asks(detail, tool)).do


def allow(*patterns: str) -> Rule:
    return Rule(Do.ALLOW, "Bash", patterns)


@given(COMMANDS)
def test_without_a_rule_a_person_is_asked(command: str) -> None:
    assert decided([], command) is Do.ASK


@given(RULE_LISTS, COMMANDS)
def test_nothing_is_allowed_that_no_allowing_rule_names(rules: list[Rule], command: str) -> None:
    rule = decision(rules, ADA, asks(command))
    if rule.do is not Do.ASK:
        assert rule in rules


@given(RULE_LISTS, COMMANDS)
def test_shell_syntax_is_only_allowed_where_the_rule_says_so(
    rules: list[Rule], command: str
) -> None:
    rule = decision(rules, ADA, asks(command))
    if rule.do is Do.ALLOW and SYNTAX & set(command):
        assert rule.compound


@given(RULE_LISTS, RULES, COMMANDS, st.integers(0, 5))
def test_one_more_denial_allows_nothing_more(
    rules: list[Rule], rule: Rule, command: str, at: int
) -> None:
    denying = [*rules[:at], replace(rule, do=Do.DENY), *rules[at:]]
    after = decided(denying, command)
    assert after in (decided(rules, command), Do.DENY)


@given(RULE_LISTS, COMMANDS)
def test_a_denial_wins_wherever_it_stands(rules: list[Rule], command: str) -> None:
    denials = [rule for rule in rules if rule.do is Do.DENY]
    if decided(denials, command) is Do.DENY:
        assert decided(rules, command) is Do.DENY


@given(RULE_LISTS, COMMANDS)
def test_what_is_cut_or_hidden_is_never_allowed(rules: list[Rule], command: str) -> None:
    question = replace(asks(command), is_exact=False)
    assert decision(rules, ADA, question).do is not Do.ALLOW


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.TRUST, Kind.AUTH])
def test_only_permissions_are_answered_by_rules(kind: Kind) -> None:
    question = replace(asks("git status"), kind=kind)
    assert decision([Rule(Do.ALLOW)], ADA, question).do is Do.ASK


@pytest.mark.parametrize(
    "command",
    [
        "git status; rm -rf x",
        "git status && rm -rf x",
        "git status || rm -rf x",
        "git status & rm -rf x",
        "git status | sh",
        "git status\nrm -rf x",
        "git status\rrm -rf x",
        "git status $(rm -rf x)",
        "git status `rm -rf x`",
        "git status > ~/.bashrc",
        "git status <(rm -rf x)",
        "git status ${IFS}",
        "X=1 git status",
        " git status",
        "GIT STATUS",
    ],
)
def test_a_pattern_lets_nothing_else_through(command: str) -> None:
    assert decided([allow("git status*")], command) is Do.ASK


def test_a_pattern_covers_the_whole_text() -> None:
    assert decided([allow("git status*")], "git status -s src") is Do.ALLOW
    assert decided([allow("git status")], "git status -s") is Do.ASK


def test_a_pattern_leads_out_of_no_folder() -> None:
    rule = Rule(Do.ALLOW, "Write", ("/srv/me/project/*",))
    assert decided([rule], "/srv/me/project/src/a.py", "Write") is Do.ALLOW
    assert decided([rule], "/srv/me/project/../.bashrc", "Write") is Do.ASK
    assert decided([allow("cat src/*")], "cat src/../../secret") is Do.ASK


@pytest.mark.parametrize("command", ["rm -rf x", "make && rm -rf x", "make; (rm x)", "a $(rm x)"])
def test_a_denial_reaches_into_a_compound_command(command: str) -> None:
    anything = Rule(Do.ALLOW, "Bash", compound=True)
    assert decided([anything, Rule(Do.DENY, "Bash", ("rm *",))], command) is Do.DENY


def test_of_the_other_rules_the_first_decides() -> None:
    careful = Rule(Do.ASK, "Bash", ("git push*",))
    assert decided([careful, allow("git *")], "git push origin") is Do.ASK
    assert decided([allow("git *"), careful], "git push origin") is Do.ALLOW


@pytest.mark.parametrize(
    "rule",
    [
        Rule(Do.ALLOW, spec="codex"),
        Rule(Do.ALLOW, agent="b*"),
        Rule(Do.ALLOW, repo="/srv/me/other*"),
        Rule(Do.ALLOW, tool="Read"),
    ],
)
def test_a_rule_about_others_does_not_count(rule: Rule) -> None:
    assert decided([rule], "git status") is Do.ASK


def test_a_rule_is_logged_in_its_own_words() -> None:
    rule = Rule(Do.ALLOW, "Bash", ("git status*",), agent="ada")
    assert str(rule) == "allow tool=Bash agent=ada 'git status*'"
