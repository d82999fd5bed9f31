from random import Random

from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain.ladder import (
    RANK,
    SAME_MOMENT,
    detail,
    heard,
    of_now,
    unlimited,
    verdict,
    why,
    withdrawn,
)
from command_center.domain.model import Claim, Source, State
from tests.strategies import structs

one_per_source = st.lists(structs(Claim), max_size=len(Source), unique_by=lambda c: c.source)
rungs = one_per_source.map(lambda cs: [c for c in cs if c.source is not Source.TOOLS])
without_limits = rungs.map(lambda cs: [c for c in cs if c.state is not State.LIMITED])


def says(source: Source, at: float, state: State = State.BUSY, is_complete: bool = True) -> Claim:
    return Claim(source, state, at, is_complete=is_complete)


@given(one_per_source, st.randoms())
def test_the_order_of_the_claims_does_not_matter(claims: list[Claim], random: Random) -> None:
    shuffled = random.sample(claims, len(claims))
    assert verdict(shuffled) == verdict(claims)
    assert why(shuffled) == why(claims)


@given(one_per_source)
def test_the_verdict_is_one_of_the_claims(claims: list[Claim]) -> None:
    assert (verdict(claims) in claims) if claims else (verdict(claims) is None)


@given(without_limits)
def test_only_a_complete_source_overrules_one_from_below(claims: list[Claim]) -> None:
    believed = verdict(claims)
    if believed and not believed.is_complete:
        above = [c for c in claims if RANK[c.source] < RANK[believed.source]]
        assert not any(c.is_complete for c in above)


@given(without_limits)
def test_a_source_yields_only_to_a_newer_word(claims: list[Claim]) -> None:
    believed = verdict(claims)
    if believed is not None:
        complete = min((RANK[c.source] for c in claims if c.is_complete), default=len(Source))
        above = [c for c in claims if RANK[c.source] < RANK[believed.source]]
        heeded = [c for c in above if c.is_complete or RANK[c.source] < complete]
        assert all(c.at < believed.at for c in heeded)


@given(one_per_source, st.sampled_from(Source))
def test_a_withdrawn_source_does_not_count(claims: list[Claim], source: Source) -> None:
    rest = [c for c in claims if c.source is not source]
    assert verdict(withdrawn(tuple(claims), source)) == verdict(rest)


@given(one_per_source, structs(Claim))
def test_a_source_has_one_word_at_a_time(claims: list[Claim], word: Claim) -> None:
    after = heard(tuple(claims), word)
    assert [c.source for c in after].count(word.source) == 1
    assert {c for c in after if c.source is not word.source} == {
        c for c in claims if c.source is not word.source
    }


@given(structs(Claim), structs(Claim))
def test_an_older_word_never_replaces_a_newer_one(first: Claim, second: Claim) -> None:
    second = replace(second, source=first.source)
    [kept] = heard(heard((), first), second)
    assert kept.at == max(first.at, second.at)


@given(one_per_source)
def test_the_explanation_names_every_claim_from_the_top_down(claims: list[Claim]) -> None:
    explained = why(claims)
    assert [c for c, _ in explained] == sorted(claims, key=lambda c: RANK[c.source])
    assert [c for c, text in explained if text == "believed"] == ([verdict(claims)] * bool(claims))


def test_a_state_file_beats_a_newer_screen() -> None:
    file = says(Source.PUBLISHED, 1, State.BUSY)
    screen = says(Source.SCREEN, 9, State.IDLE, is_complete=False)
    assert verdict([screen, file]) is file


def test_a_newer_report_beats_a_state_file_that_is_late() -> None:
    file, report = says(Source.PUBLISHED, 1, State.WAITING), says(Source.OSC, 2, State.BUSY)
    assert verdict([file, report]) is report
    assert dict(why([file, report]))[file].endswith("spoke later")


def test_a_newer_title_beats_an_incomplete_hook() -> None:
    hook, title = says(Source.HOOKS, 1, is_complete=False), says(Source.TITLE, 2)
    assert verdict([hook, title]) is title
    assert verdict([replace(hook, at=2), title]) == replace(hook, at=2)


def test_the_fullest_reason_of_the_same_moment_is_told() -> None:
    file = Claim(Source.PUBLISHED, State.WAITING, 10, "permission")
    hook = Claim(Source.HOOKS, State.WAITING, 9, "approve Bash: make")
    old = Claim(Source.OSC, State.WAITING, 1, "a much longer reason of the dialog before")
    assert detail([file, hook, old], file) == "approve Bash: make"


def test_of_equally_full_reasons_the_higher_source_is_quoted() -> None:
    file = Claim(Source.PUBLISHED, State.WAITING, 10, "dialog")
    osc = Claim(Source.OSC, State.WAITING, 10, "approve a")
    hook = Claim(Source.HOOKS, State.WAITING, 10, "approve b")
    assert detail([file, osc, hook], file) == detail([hook, osc, file], file) == "approve a"


def test_a_limit_told_by_a_hook_refines_the_idleness_of_a_state_file() -> None:
    limit = says(Source.HOOKS, 9.5, State.LIMITED, is_complete=False)
    assert verdict([says(Source.PUBLISHED, 10.0, State.IDLE), limit]) is limit


def test_a_limit_of_long_ago_is_over() -> None:
    idle = says(Source.PUBLISHED, 100.0, State.IDLE)
    assert verdict([idle, says(Source.HOOKS, 10.0, State.LIMITED)]) is idle


def test_a_busy_state_file_ends_a_limit() -> None:
    busy = says(Source.PUBLISHED, 10.0, State.BUSY)
    assert verdict([busy, says(Source.HOOKS, 9.5, State.LIMITED)]) is busy


def test_a_limit_is_over_with_anybodys_newer_word() -> None:
    limit = says(Source.OSC, 10.0, State.LIMITED)
    cancelled = says(Source.TRANSCRIPT, 15.0, State.IDLE, is_complete=False)
    claims = [says(Source.PUBLISHED, 10.0, State.IDLE), limit, cancelled]
    assert verdict(claims) is cancelled
    assert dict(why(claims))[limit] == "the limit is over: transcript spoke later"


def test_what_was_told_together_with_a_limit_does_not_end_it() -> None:
    limit = says(Source.HOOKS, 10.0, State.LIMITED, is_complete=False)
    turn_over = says(Source.TRANSCRIPT, 10.5, State.IDLE, is_complete=False)
    assert verdict([limit, turn_over]) is limit


def test_a_limit_whose_time_has_come_was_a_word_of_idleness() -> None:
    limit = replace(says(Source.OSC, 10.0, State.LIMITED), until=60.0)
    busy = says(Source.HOOKS, 5.0)
    assert unlimited((limit, busy), 59.9) == (limit, busy)
    [over, same] = unlimited((limit, busy), 60.0)
    assert (over.state, over.at, over.until) == (State.IDLE, 60.0, 0.0)
    assert same is busy


@given(one_per_source, structs(Claim), st.floats(0, 1e6))
def test_no_word_outlasts_a_clock_that_was_set_back(
    claims: list[Claim], word: Claim, now: float
) -> None:
    word = replace(word, at=now)
    after = heard(of_now(tuple(claims), now), word)
    was_heard = all(c.at <= now + SAME_MOMENT for c in claims) or word in after
    assert was_heard
    assert all(c.at <= now + SAME_MOMENT for c in after)
