"""Every wire of the scripted model tells the same story."""

import http.client

import pytest

from tests.scripted import ScriptedModel, Usage
from tests.scripted.json_values import an_object, objects
from tests.unit_scripted.client import (
    WIRES,
    asked,
    path_of,
    post,
    say,
    streamed_text,
    text_of,
    tokens_reported,
)


@pytest.mark.parametrize("wire", WIRES)
def test_the_script_in_the_prompt_is_what_the_model_says(model: ScriptedModel, wire: str) -> None:
    assert text_of(wire, say(model, "please SM[ say:All done. ]SM", wire)) == "All done."


@pytest.mark.parametrize("wire", WIRES)
def test_a_streamed_answer_adds_up_to_the_same_text(model: ScriptedModel, wire: str) -> None:
    got = say(model, "SM[ say:All done, slowly. ]SM", wire, stream=True)
    assert streamed_text(wire, got) == "All done, slowly."


def test_a_streamed_response_ends_with_the_whole_text(model: ScriptedModel) -> None:
    ending = say(model, "SM[ say:All done, slowly. ]SM", "responses", stream=True).events()[-1]
    [message] = objects(an_object(ending["response"])["output"])
    assert objects(message["content"])[0]["text"] == "All done, slowly."


@pytest.mark.parametrize("wire", WIRES)
def test_a_shell_step_calls_the_tool_the_cli_offers(model: ScriptedModel, wire: str) -> None:
    for stream in (False, True):
        assert "touch a.txt" in say(model, "SM[ sh:touch a.txt ]SM", wire, stream=stream).text
    assert {request.calls for request in model.requests} == {(model.requests[0].tools[0],)}


@pytest.mark.parametrize("wire", WIRES)
def test_each_tool_result_moves_the_script_one_step_on(model: ScriptedModel, wire: str) -> None:
    prompt = "SM[ sh:a ;; par:b %% c ;; sh:d ;; say:Over. ]SM"
    for results in range(5):
        post(model, path_of(wire, False), asked(wire, prompt, results))
    assert [request.step for request in model.requests] == [0, 1, 1, 2, 3]
    assert [len(request.calls) for request in model.requests] == [1, 2, 2, 1, 0]


@pytest.mark.parametrize(
    ("wire", "reported"),
    [("messages", 7), ("responses", 107), ("chat/completions", 107), ("gemini", 107)],
)
def test_usage_is_reported_in_the_meaning_of_each_wire(
    model: ScriptedModel, wire: str, reported: int
) -> None:
    got = say(model, "SM[ u:7,5,100,3,2 ;; say:Counted. ]SM", wire)
    assert tokens_reported(wire, got.json()) == reported
    assert model.served() == Usage(7, 5, 100, 3, 2)


@pytest.mark.parametrize("wire", WIRES)
def test_a_failure_lasts_as_often_as_the_script_says(model: ScriptedModel, wire: str) -> None:
    prompt = "SM[ err:429,2 ;; say:Recovered. ]SM"
    assert [say(model, prompt, wire).status for _ in range(4)] == [429, 429, 200, 200]
    assert [request.usage is None for request in model.requests] == [True, True, False, False]


@pytest.mark.parametrize("wire", WIRES)
def test_a_plan_limit_says_when_it_resets(model: ScriptedModel, wire: str) -> None:
    got = say(model, "SM[ limit:3600 ]SM", wire)
    assert got.status == 429
    if wire == "gemini":
        assert '"retryDelay": "3600s"' in got.text
    else:
        assert got.headers["retry-after"] == "3600"


@pytest.mark.parametrize("wire", WIRES)
def test_a_drop_breaks_the_stream_off(model: ScriptedModel, wire: str) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        say(model, "SM[ drop: ;; say:Never whole. ]SM", wire, stream=True)
    model.wait_for(lambda model: len(model.requests) == 1)
    assert (model.requests[0].complete, model.requests[0].usage) == (False, None)


@pytest.mark.parametrize("wire", WIRES)
def test_reasoning_comes_with_the_answer(model: ScriptedModel, wire: str) -> None:
    for stream in (False, True):
        got = say(model, "SM[ think:A quiet thought. ;; say:Said. ]SM", wire, stream=stream)
        assert "A quiet thought." in got.text
