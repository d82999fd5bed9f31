"""Our own agent under a supervisor, on a scripted model behind each of the two APIs."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain import intents as want
from command_center.domain.asks import Question, Verdict
from command_center.domain.model import Agent, Delivery, State
from command_center.domain.usage import NOTHING, Tokens
from command_center.store.usage import UsageStore
from tests.center import Center
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel

pytestmark = pytest.mark.timeout(180)
SECONDS = 60.0


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


@pytest.fixture(params=["anthropic", "openai"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def center(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedModel, wire: str
) -> AsyncIterator[Center]:
    isolate_git(monkeypatch)
    monkeypatch.setenv("ACC_AGENT_MODEL", f"{wire}:scripted-1")
    monkeypatch.setenv("ACC_AGENT_BASE_URL", model.url + ("/v1" if wire == "openai" else ""))
    monkeypatch.setenv("ACC_AGENT_KEY_ENV", "SCRIPTED_KEY")
    monkeypatch.setenv("SCRIPTED_KEY", "scripted")
    center = Center(tmp_path / "home", make_repository(tmp_path))
    center.start_supervisor()
    yield center
    center.close()


async def launched(center: Center, prompt: str = "", mode: str = "ask") -> Agent:
    answer = await center.answer(want.Launch("native", str(center.repo), prompt, mode=mode))
    assert not answer.is_refused, answer.text
    return center.fleet.agents[answer.agent]


async def idle(center: Center, agent: Agent) -> Agent:
    def is_done(now: Agent) -> bool:
        return now.state is State.IDLE and all(r.delivery.is_over for r in now.receipts)

    try:
        return await center.agent_until(agent.id, is_done, SECONDS)
    except AssertionError as error:
        shown = center.tmux("capture-pane", "-p", "-t", agent.pane)
        raise AssertionError(f"{error}\n{shown}") from None


async def sent(center: Center, agent: Agent, text: str) -> Agent:
    receipt = (await center.answer(want.Send(agent.id, text))).text

    def is_finished(now: Agent) -> bool:
        found = now.receipt(receipt)
        return found is not None and found.delivery is Delivery.FINISHED

    return await center.agent_until(agent.id, is_finished, SECONDS)


async def asked(center: Center, agent: Agent) -> Question:
    agent = await center.agent_until(agent.id, lambda a: a.asks is not None, SECONDS)
    assert agent.asks is not None
    return agent.asks


async def test_a_prompt_is_carried_out_once_the_user_says_yes(center: Center) -> None:
    ada = await launched(center, "SM[sh:echo made > made.txt ;; say:Done.]SM")
    question = await asked(center, ada)
    assert (question.tool, question.detail) == ("shell", "echo made > made.txt")
    assert question.is_exact
    ada = center.fleet.agents[ada.id]
    assert (ada.state, ada.reason) == (
        State.WAITING,
        "permission: shell echo made > made.txt",
    )
    assert not Path(ada.order.worktree, "made.txt").exists()
    assert not (await center.answer(want.Answer(ada.id, question.id, Verdict.YES))).is_refused
    ada = await idle(center, ada)
    assert Path(ada.order.worktree, "made.txt").read_text() == "made\n"
    assert [receipt.delivery for receipt in ada.receipts] == [Delivery.FINISHED]


async def test_a_no_keeps_it_from_running_and_its_reason_reaches_the_model(
    center: Center, model: ScriptedModel
) -> None:
    ada = await launched(center, "SM[sh:echo made > made.txt ;; say:Understood.]SM")
    question = await asked(center, ada)
    no = want.Answer(ada.id, question.id, Verdict.NO, text="Not on a Friday.")
    assert not (await center.answer(no)).is_refused
    ada = await idle(center, ada)
    assert not Path(ada.order.worktree, "made.txt").exists()
    assert model.requests[-1].step == 1


async def test_keys_answer_where_no_hook_listens(center: Center) -> None:
    ada = await launched(center, "SM[sh:echo made > made.txt ;; say:Done.]SM")
    question = await asked(center, ada)
    for fifo in center.places.agent(ada.id).glob("ask.*"):
        fifo.unlink()
    assert not (await center.answer(want.Answer(ada.id, question.id, Verdict.YES))).is_refused
    ada = await idle(center, ada)
    assert Path(ada.order.worktree, "made.txt").exists()


async def test_a_prompt_arrives_verbatim_once_with_a_receipt(
    center: Center, model: ScriptedModel
) -> None:
    ada = await idle(center, await launched(center))
    hostile = "SM[say:Heard.]SM\n\ttab; `$(touch pwned)` #{pane_id} #(touch p2) 'q' $HOME ☃ 👩‍🚀"
    await sent(center, ada, hostile)
    assert model.prompts() == [hostile]
    assert not list(Path(ada.order.worktree).glob("p*wned*"))


async def test_escape_ends_the_turn_and_the_next_prompt_goes_on(
    center: Center, model: ScriptedModel
) -> None:
    ada = await launched(center, "SM[slow:300,0.2 ;; say:word word]SM")
    model.wait_for(lambda m: len(m.prompts()) == 1, SECONDS)
    assert not (await center.answer(want.Interrupt(ada.id))).is_refused
    ada = await idle(center, ada)
    await sent(center, ada, "SM[say:Fine.]SM")
    both = ("SM[slow:300,0.2 ;; say:word word]SM", "SM[say:Fine.]SM")
    assert both in [request.prompts for request in model.requests]


async def test_a_killed_agent_goes_on_with_its_conversation(
    center: Center, model: ScriptedModel
) -> None:
    ada = await idle(center, await launched(center, "SM[sh:true ;; say:One.]SM", mode="full"))
    center.tmux("kill-server")
    await center.agent_until(ada.id, lambda a: a.is_resumable, SECONDS)
    assert not (await center.answer(want.Resume(ada.id))).is_refused
    ada = await idle(center, ada)
    await sent(center, ada, "SM[say:Two.]SM")
    assert model.requests[-1].prompts == ("SM[sh:true ;; say:One.]SM", "SM[say:Two.]SM")


async def test_a_limit_tells_when_it_ends(center: Center) -> None:
    ada = await launched(center, "SM[limit:3600 ;; say:never]SM")
    ada = await center.agent_until(ada.id, lambda a: a.state is State.LIMITED, SECONDS)
    assert 3500 < ada.limited_until - ada.since < 3700


async def test_a_prompt_after_a_short_limit_needs_nobody(center: Center) -> None:
    ada = await launched(center, "SM[limit:2,1 ;; say:At last.]SM")
    await idle(center, ada)


async def test_what_is_counted_equals_what_the_server_sent(
    center: Center, model: ScriptedModel, wire: str
) -> None:
    steps = "u:100,20,2000,300,7 ;; sh:echo one ;; u:110,21,2100,10,0 ;; say:First."
    ada = await idle(center, await launched(center, f"SM[{steps}]SM", mode="full"))
    await sent(center, ada, "SM[u:130,23,2300,30,5 ;; say:Second.]SM")
    served = model.served()
    reasoned = served.reasoned if wire == "openai" else 0
    wanted = Tokens(
        served.read,
        served.written + reasoned,
        served.cache_read,
        served.cache_written if wire == "anthropic" else 0,
        reasoned,
    )

    def counted() -> Tokens:
        with UsageStore(center.places.usage) as store:
            return sum((total.tokens for total in store.totals()), NOTHING)

    await center.until(lambda _: counted() == wanted, SECONDS)


async def test_clear_begins_a_conversation_of_another_name(
    center: Center, model: ScriptedModel
) -> None:
    ada = await idle(center, await launched(center, "SM[say:One.]SM"))
    was = ada.session
    center.tmux("set-buffer", "/clear")
    center.tmux("paste-buffer", "-p", "-t", ada.pane)
    center.tmux("send-keys", "-t", ada.pane, "Enter")
    ada = await center.agent_until(ada.id, lambda a: a.session != was, SECONDS)
    await sent(center, ada, "SM[say:Two.]SM")
    assert model.requests[-1].prompts == ("SM[say:Two.]SM",)
    assert model.conversations() == [was, ada.session]
