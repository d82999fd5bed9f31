"""Turns on a scripted model, through the real SDKs."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from command_center.agent import turn
from command_center.agent.history import lighter, parted
from command_center.agent.record import INTERRUPTED, NOT_DONE
from command_center.agent.talk import Message, Model, Text, ToolResult, ToolUse
from command_center.agent.turn import Said, Say
from command_center.agent.wires import Refused, wire_for
from command_center.domain.specs import Mode
from tests.agent.stage import House
from tests.scripted.server import ScriptedModel

TWO = "SM[u:100,20,2000,300,7 ;; sh:echo one ;; u:110,21,2100,10,0 ;; say:Done, and well.]SM"


async def test_a_turn_goes_on_until_no_tool_is_called(house: House, model: ScriptedModel) -> None:
    assert await house.play(TWO) == "Done, and well."
    assert house.seen.text == "Running scripted step 0.|Done, and well.|"
    assert [outcome.text for outcome in house.seen.outcomes] == ["one"]
    assert [(r.step, r.complete) for r in model.requests] == [(0, True), (1, True)]


async def test_what_the_api_tells_is_what_is_kept(house: House, wire: str) -> None:
    await house.play(TWO)
    # Chat completions tell no cache writes, and count reasoning apart from what was written.
    wanted = 110 + 2100 + 10 + 21 if wire == "anthropic" else 110 + 2100 + 21
    assert house.talk.context == wanted
    assert house.again().context == wanted


async def test_calls_of_one_answer_are_all_answered(house: House, model: ScriptedModel) -> None:
    assert await house.play("SM[par:echo a %% echo b ;; say:Both.]SM") == "Both."
    assert [outcome.text for outcome in house.seen.outcomes] == ["a", "b"]
    assert model.requests[-1].step == 1


async def test_a_thought_goes_back_to_the_model(house: House) -> None:
    assert await house.play("SM[think:hm ;; sh:true ;; say:Thought.]SM") == "Thought."


async def test_a_resumed_conversation_is_the_same(house: House) -> None:
    await house.play(TWO)
    assert house.again().messages == house.talk.messages
    house.talk = house.again()
    assert await house.play("SM[say:Still here.]SM") == "Still here."
    assert house.talk.prompts == [TWO, "SM[say:Still here.]SM"]


@pytest.mark.parametrize("trouble", ["err:500,2", "err:529,1", "drop:"])
async def test_passing_trouble_is_waited_out(
    house: House, model: ScriptedModel, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "LONGEST_PAUSE", 0.01)
    if trouble == "drop:":
        # It is cut each time; what matters is that it is asked again and then given up.
        with pytest.raises(Refused):
            await house.play("SM[drop: ;; say:never]SM")
        assert len(model.requests) == turn.TRIES
        return
    assert await house.play(f"SM[{trouble} ;; say:Fine.]SM") == "Fine."
    assert len(house.seen.rests) == int(trouble[-1])


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_for_good_is_told_at_once(
    house: House, model: ScriptedModel, status: int
) -> None:
    with pytest.raises(Refused) as refusal:
        await house.play(f"SM[err:{status} ;; say:never]SM")
    assert refusal.value.status == status
    assert len(model.requests) == 1
    assert await house.play("SM[say:Next.]SM") == "Next."


async def test_a_prompt_that_nothing_can_make_fit_is_told_as_such(house: House) -> None:
    with pytest.raises(Refused) as refusal:
        await house.play("SM[err:400 ;; say:never]SM")
    assert refusal.value.kind == "context_full"


async def test_a_limit_ends_the_turn_and_says_when_it_ends(house: House) -> None:
    with pytest.raises(Refused) as refusal:
        await house.play("SM[limit:3600 ;; say:never]SM")
    assert refusal.value.is_limit
    assert refusal.value.kind == "rate_limit"
    assert 3500 < refusal.value.wait < 3700
    assert refusal.value.until > 1_700_000_000


async def test_without_a_key_it_says_which_variable_is_missing(wire: str) -> None:
    chosen = Model("openai" if wire == "openai" else "anthropic", "m", key_env="MY_KEY")
    with pytest.raises(Refused, match="set MY_KEY"):
        wire_for(chosen, {})


async def test_a_server_that_is_not_there_is_named_as_such(
    plain_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "LONGEST_PAUSE", 0.01)
    gone = Model("anthropic", "m", "http://127.0.0.1:9", "SCRIPTED_KEY")
    plain_house.wire = wire_for(gone, {"SCRIPTED_KEY": "x"})
    with pytest.raises(Refused) as refusal:
        await plain_house.play("hello")
    assert refusal.value.kind == "connection"


async def test_an_interrupted_answer_is_kept_as_far_as_it_came(
    house: House, model: ScriptedModel
) -> None:
    playing = asyncio.ensure_future(house.play("SM[slow:300,0.05 ;; say:word]SM"))
    async with asyncio.timeout(30):
        while "word" not in house.seen.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    said, mark = house.talk.messages[-2:]
    assert (said.role, said.text.startswith("word")) == ("assistant", True)
    assert mark.text == INTERRUPTED
    assert house.again().messages == house.talk.messages
    assert await house.play("SM[say:Next.]SM") == "Next."
    assert model.requests[-1].prompts[-1] == "SM[say:Next.]SM"


async def test_an_interrupted_call_is_told_as_not_done(house: House) -> None:
    playing = asyncio.ensure_future(house.play("SM[par:sleep 4242 %% echo b ;; say:never]SM"))
    async with asyncio.timeout(30):
        while not house.talk.messages or not house.talk.messages[-1].calls:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    results = house.talk.messages[-2].content
    assert [r.content for r in results if isinstance(r, ToolResult)] == [NOT_DONE, NOT_DONE]
    assert await house.play("SM[say:Next.]SM") == "Next."


async def test_a_no_reaches_the_model_with_its_reason(house: House, folder: Path) -> None:
    house.permits.mode = Mode.ASK
    house.seen.says = Said(Say.NO, "Not today.")
    assert await house.play("SM[sh:touch made.txt ;; say:Well then.]SM") == "Well then."
    assert house.seen.asked == ["shell touch made.txt"]
    assert [(o.text, o.is_error) for o in house.seen.outcomes] == [("Not today.", True)]
    assert not (folder / "made.txt").exists()


async def test_always_covers_the_same_command_and_no_other(plain_house: House) -> None:
    house = plain_house
    house.permits.mode = Mode.ASK
    house.seen.says = Said(Say.ALWAYS)
    await house.play("SM[sh:echo a ;; sh:echo a ;; sh:echo b ;; say:.]SM")
    assert house.seen.asked == ["shell echo a", "shell echo b"]


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        (Mode.ASK, ["write a.txt", "shell true"]),
        (Mode.EDITS, ["shell true"]),
        (Mode.FULL, []),
    ],
)
async def test_a_mode_says_what_is_asked(plain_house: House, mode: Mode, asked: list[str]) -> None:
    plain_house.permits.mode = mode
    await plain_house.play("SM[write:a.txt|x ;; sh:true ;; read:a.txt ;; say:.]SM")
    assert plain_house.seen.asked == asked


async def test_a_plan_changes_nothing(
    plain_house: House, model: ScriptedModel, folder: Path
) -> None:
    plain_house.permits.mode = Mode.PLAN
    # The model calls a tool that it was not offered.
    given = '{"path":"a.txt","content":"x"}'
    await plain_house.play(f"SM[tool:write|{given} ;; say:A plan.]SM")
    assert set(model.requests[0].tools) == {"read", "list", "search"}
    assert not (folder / "a.txt").exists()
    assert plain_house.seen.outcomes[0].is_error


async def test_a_full_window_is_compacted_and_the_task_goes_on(
    model: ScriptedModel, folder: Path, wire: str
) -> None:
    house = House(model, folder, wire, window=10_000)
    await house.play("SM[u:9000,20,0,0,0 ;; say:One.]SM")
    assert house.seen.notes == []
    assert await house.play("SM[u:50,5,0,0,0 ;; say:Two.]SM") == "Two."
    [note] = house.seen.notes
    assert "compacted" in note
    first = house.talk.messages[0]
    assert first.text.startswith("<conversation-summary>")
    assert first.last_text == "SM[u:50,5,0,0,0 ;; say:Two.]SM"
    assert house.again().messages == house.talk.messages
    # All of it stays on record.
    assert b"SM[u:9000" in house.talk.path.read_bytes()
    await house.wire.close()


async def test_a_window_filled_in_a_turn_keeps_the_prompt_and_the_last_result(
    model: ScriptedModel, folder: Path, wire: str
) -> None:
    house = House(model, folder, wire, window=10_000)
    prompt = "SM[u:9000,20,0,0,0 ;; sh:echo one ;; u:50,5,0,0,0 ;; say:Done.]SM"
    assert await house.play(prompt) == "Done."
    first, call, result, answer = house.talk.messages
    assert first.last_text == prompt
    assert call.calls
    assert [r.content for r in result.content if isinstance(r, ToolResult)] == ["one"]
    assert answer.text == "Done."
    await house.wire.close()


async def test_a_prompt_too_long_for_the_model_is_compacted_once(plain_house: House) -> None:
    await plain_house.play("SM[say:One.]SM")
    with pytest.raises(Refused):
        await plain_house.play("SM[err:400 ;; say:never]SM")
    assert len(plain_house.seen.notes) == 1


def test_what_is_kept_of_a_history() -> None:
    prompt, said = Message("user", (Text("do"),)), Message("assistant", (Text("done"),))
    assert parted([]).before == ()
    assert parted([prompt]) == ((), "do", ())
    assert parted([prompt, said]) == ((prompt, said), "", ())
    assert parted([prompt, said, prompt]) == ((prompt, said), "do", ())


def test_a_history_too_long_to_summarise_gets_shorter_and_stays_whole() -> None:
    prompt = Message("user", (Text("do"),))
    calls = [Message("assistant", (ToolUse(f"{n}", "read", {"path": "a"}),)) for n in range(20)]
    results = [Message("user", (ToolResult(f"{n}", "x" * 9000),)) for n in range(20)]
    turns = [message for pair in zip(calls, results, strict=True) for message in pair]
    sizes = []
    for messages in lighter([prompt, *turns]):
        sizes.append(len(msgspec.json.encode(messages)))
        asked = [call.id for message in messages for call in message.calls]
        told = [b.tool_use_id for m in messages for b in m.content if isinstance(b, ToolResult)]
        assert asked == told
        assert messages[0].is_prompt
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] // 50


async def test_a_record_cut_off_by_a_crash_is_passed_over(plain_house: House) -> None:
    await plain_house.play("SM[sh:true ;; say:Done.]SM")
    body = plain_house.talk.path.read_bytes().splitlines(keepends=True)
    # Killed after the call, while its result was being written.
    plain_house.talk.path.write_bytes(b"".join(body[:2]) + body[2][:40])
    again = plain_house.again()
    assert [r.content for r in again.messages[-1].content if isinstance(r, ToolResult)] == [
        NOT_DONE
    ]
