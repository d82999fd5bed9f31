"""The router over the real SDKs, and a model server that does what it is told."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from command_center.domain.budgets import Bill
from command_center.domain.errors import IntentError, ModelError, ModelMissing, OverBudget
from command_center.domain.niches import Job, ModelChoice, ModelSettings, Niche, Provider
from command_center.domain.usage import Cursor, Tokens
from command_center.drivers.models.calls import Call
from command_center.drivers.models.router import Router
from command_center.drivers.models.talk import Ask
from command_center.drivers.transcripts.message_blocks import MessageBlocks
from tests.models.asking import ENVIRON, Wish, ledger, router, told
from tests.scripted import ScriptedModel

BOTH = pytest.mark.parametrize("provider", Provider)


def calls(folder: Path) -> list[Call]:
    return ledger(folder).since("", 0.0)


def asked(prompt: str) -> Ask:
    return Ask("You grant wishes.", prompt, "The shop has words.")


@BOTH
def test_a_structured_answer_comes_as_its_type(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(provider, '{"word": "yes", "number": 2}')
    answered = router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    assert answered.value == Wish("yes", 2)


@BOTH
def test_a_plain_answer_comes_as_text(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    ask = asked("SM[say:hello]SM")
    assert router(model, provider, tmp_path).ask(Job.PLAN, ask).value == "hello"


@BOTH
def test_a_wrong_answer_goes_back_once_with_the_reason(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(provider, '{"word": 7}', '{"word": "better"}')
    answered = router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    assert (answered.value, len(answered.calls)) == (Wish("better"), 2)


@BOTH
def test_a_second_wrong_answer_is_an_error(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(provider, '{"word": 7}', '{"number": -1}', '{"word": "never asked"}')
    with pytest.raises(ModelError, match="its answer cannot be used: "):
        router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    assert len(model.requests) == 2


@BOTH
def test_an_answer_that_its_reader_refuses_goes_back_too(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    def check(wish: Wish) -> None:
        if wish.number < 5:
            raise IntentError("too little")

    prompt = told(provider, '{"word": "a", "number": 1}', '{"word": "b", "number": 9}')
    answered = router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt), check=check)
    assert answered.value == Wish("b", 9)


def test_an_answer_in_prose_and_fences_is_understood(model: ScriptedModel, tmp_path: Path) -> None:
    prompt = told(Provider.OPENAI, 'Here it is:\n```json\n{"word": "fenced"}\n```\nDone.')
    answered = router(model, Provider.OPENAI, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    assert answered.value == Wish("fenced")


@BOTH
def test_a_busy_server_is_asked_again(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(provider, '{"word": "late"}').replace("SM[", "SM[err:503,1 ;; ")
    answered = router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    assert answered.value == Wish("late")
    assert [request.status for request in model.requests] == [503, 200]


@BOTH
def test_every_call_is_in_the_ledger_with_what_the_server_counted(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(provider, '{"word": "yes"}').replace("SM[", "SM[u:1000,200,3000,0,0 ;; ")
    router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    [call] = calls(tmp_path)
    assert call.is_over
    assert (call.job, call.niche, call.model) == (Job.PLAN, Niche.FRONTIER, "scripted-1")
    assert call.tokens == Tokens(1000, 200, 3000)
    assert call.dollars == pytest.approx((4000 * 3 + 200 * 15) / 1e6)
    assert call.seconds > 0
    assert stat.S_IMODE(ledger(tmp_path).file.stat().st_mode) == 0o600


def test_the_usage_reader_counts_the_ledger(model: ScriptedModel, tmp_path: Path) -> None:
    prompt = told(Provider.ANTHROPIC, '{"word": "yes"}')
    for _ in range(2):
        router(model, Provider.ANTHROPIC, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    found = MessageBlocks().read(ledger(tmp_path).file, Cursor())
    assert len({row.key for row in found.rows}) == 2
    served = model.served()
    whole = Tokens()
    for row in found.rows:
        whole += row.tokens
    assert (whole.input, whole.output) == (served.read, served.written)
    assert (whole.cache_read, whole.cache_write) == (served.cache_read, served.cache_written)


def test_a_refused_call_is_in_the_ledger_with_the_reason(
    model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(Provider.ANTHROPIC, "{}").replace("SM[", "SM[err:401 ;; ")
    with pytest.raises(ModelError, match=r"scripted-1: .*401"):
        router(model, Provider.ANTHROPIC, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    [call] = calls(tmp_path)
    assert (call.is_over, call.bill.tokens) == (True, 0)
    assert "401" in call.error


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("0.2usd", r"\$0.20 a day: 0 tok \(\$0.00\) spent, .* may cost .*\$0.24"),
        ("5ktok", "5k tok a"),
    ],
)
def test_what_could_exceed_the_budget_is_not_asked(
    budget: str, words: str, model: ScriptedModel, tmp_path: Path
) -> None:
    with pytest.raises(OverBudget, match=words):
        router(model, Provider.ANTHROPIC, tmp_path, budget).ask(Job.PLAN, asked("hello"))
    assert model.requests == []


def test_what_was_spent_today_counts_against_the_budget(
    model: ScriptedModel, tmp_path: Path
) -> None:
    ours = router(model, Provider.ANTHROPIC, tmp_path, "3ktok", max_output=100)
    ours.ask(Job.PLAN, asked("SM[u:1200,100,0,0,0 ;; say:one]SM"))
    with pytest.raises(OverBudget, match=r"a day: 1\.3k tok \(\$0.0051\) spent"):
        ours.ask(Job.PLAN, Ask("You grant wishes.", "more " * 400))
    assert len(model.requests) == 1


def test_dollars_cannot_be_kept_where_no_price_is_known(
    model: ScriptedModel, tmp_path: Path
) -> None:
    with pytest.raises(OverBudget, match="no price is known for scripted-1"):
        router(model, Provider.OPENAI, tmp_path, "5usd", price=None).ask(Job.PLAN, asked("hello"))


def test_the_fleets_budget_has_its_word(model: ScriptedModel, tmp_path: Path) -> None:
    ours = router(model, Provider.OPENAI, tmp_path, why_not=lambda _: "today's budget is reached")
    with pytest.raises(OverBudget, match="today's budget is reached"):
        ours.ask(Job.PLAN, asked("hello"))
    assert model.requests == []


def test_a_niche_without_a_model_says_how_to_give_it_one(tmp_path: Path) -> None:
    empty = Router(ModelSettings(), tmp_path / "calls.jsonl", environ={})
    with pytest.raises(ModelMissing, match=r"no model for the niche 'workhorse'; set \[models\."):
        empty.ask(Job.SUMMARY, asked("hello"))


@BOTH
def test_without_a_key_nothing_is_asked(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    with pytest.raises(ModelMissing, match="no key; set OTHER_KEY"):
        router(model, provider, tmp_path, key="OTHER_KEY").ask(Job.PLAN, asked("hello"))
    assert not ledger(tmp_path).file.exists()


@BOTH
def test_the_usual_key_goes_to_no_server_of_ones_own(
    provider: Provider, model: ScriptedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "sk-of-the-user")
        monkeypatch.setitem(ENVIRON, name, "sk-of-the-user")
    router(model, provider, tmp_path, key="").ask(Job.PLAN, asked("SM[say:fine]SM"))
    [headers] = model.headers
    assert "sk-of-the-user" not in " ".join(headers.values())


def test_a_server_that_is_none_is_an_error(model: ScriptedModel, tmp_path: Path) -> None:
    gone = router(model, Provider.OPENAI, tmp_path, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match="scripted-1: Connection error"):
        gone.ask(Job.PLAN, asked("hello"))


@pytest.mark.parametrize("provider", Provider)
def test_an_answer_of_another_kind_of_server_is_an_error(
    provider: Provider, tmp_path: Path, web_page: str
) -> None:
    settings = ModelSettings(frontier=ModelChoice(provider, "m", web_page))
    ours = Router(settings, tmp_path / "calls.jsonl", environ={})
    with pytest.raises(ModelError, match="m: not an answer of this API"):
        ours.ask(Job.PLAN, asked("hello"))


def test_what_repeats_is_marked_for_the_cache(model: ScriptedModel, tmp_path: Path) -> None:
    ours = router(model, Provider.ANTHROPIC, tmp_path)
    for goal in ("one", "two"):
        ours.ask(Job.PLAN, asked(f"SM[say:{goal}]SM"))
    first, second = (body["system"] for body in model.bodies)
    marked = {"type": "text", "cache_control": {"type": "ephemeral"}}
    assert first == [
        {**marked, "text": "You grant wishes."},
        {**marked, "text": "The shop has words."},
    ]
    assert second == first


def test_what_repeats_stands_before_what_is_new(model: ScriptedModel, tmp_path: Path) -> None:
    router(model, Provider.OPENAI, tmp_path).ask(Job.PLAN, asked("SM[say:one]SM"))
    [body] = model.bodies
    assert body["messages"] == [
        {"role": "system", "content": "You grant wishes.\n\nThe shop has words."},
        {"role": "user", "content": "SM[say:one]SM"},
    ]


def test_a_call_under_way_counts_as_all_that_it_may_cost(
    model: ScriptedModel, tmp_path: Path
) -> None:
    ours = router(model, Provider.OPENAI, tmp_path, "2500tok", max_output=500)
    with ThreadPoolExecutor(1) as beside:
        slow = beside.submit(ours.ask, Job.PLAN, asked("SM[wait:3 ;; u:10,1,0,0,0 ;; say:one]SM"))
        model.wait_for(lambda m: len(m.bodies) == 1)
        with pytest.raises(OverBudget, match=r"a day: .* spent, and this call may cost"):
            ours.ask(Job.PLAN, asked("SM[say:two]SM"))
        assert slow.result(60).value == "one"
    assert ours.ask(Job.PLAN, asked("SM[say:two]SM")).value == "two"


def test_a_call_whose_end_nobody_saw_counts_for_an_hour(tmp_path: Path) -> None:
    log = ledger(tmp_path)
    call = Call("1", 1_800_000_000.0, Job.PLAN, Niche.FRONTIER, "m", Bill(700))
    log.begin(call, lambda _: None)
    assert [each.bill.tokens for each in log.since("", call.at + 3599)] == [700]
    assert log.since("", call.at + 3601) == []


def test_half_a_line_hides_no_other(tmp_path: Path) -> None:
    log = ledger(tmp_path)
    call = Call("1", 1_800_000_000.0, Job.PLAN, Niche.FRONTIER, "m", Bill(700))
    log.begin(call, lambda _: None)
    with log.file.open("ab") as file:
        file.write(b'{"call":{"id":"2","at\n')
    assert [each.id for each in log.since("", call.at)] == ["1"]


@BOTH
def test_an_answer_that_breaks_off_is_an_error(
    provider: Provider, model: ScriptedModel, tmp_path: Path
) -> None:
    prompt = told(provider, '{"word": "yes"}').replace("SM[", "SM[cut: ;; ")
    with pytest.raises(ModelError, match="longer than max_output"):
        router(model, provider, tmp_path).ask_for(Wish, Job.PLAN, asked(prompt))
    [call] = calls(tmp_path)
    assert call.tokens
    assert "broke off" in call.error
