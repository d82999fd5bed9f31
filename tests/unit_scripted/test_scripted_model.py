"""What the scripted model remembers, and the corners of its script language."""

import http.client
import json
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.scripted import ScriptedModel, Usage
from tests.scripted.json_values import a_list, a_text, an_object, objects
from tests.unit_scripted.client import TOOLS, asked, post, say, text_of

REPOSITORY = Path(__file__).parents[2]


def test_rate_limit_headers_say_the_scripted_share(model: ScriptedModel) -> None:
    prompt = "SM[ rl:42 ;; say:Near. ]SM"
    anthropic, openai = say(model, prompt), say(model, prompt, "responses")
    assert anthropic.headers["anthropic-ratelimit-unified-5h-utilization"] == "0.42"
    assert openai.headers["x-codex-primary-used-percent"] == "42.0"


def test_an_ask_step_leaves_the_sandbox_where_the_tool_can(model: ScriptedModel) -> None:
    properties = {name: {"type": "string"} for name in ("cmd", "sandbox_permissions")}
    tool = {"name": "exec_command", "parameters": {"properties": properties}}
    body = {"input": "SM[ ask:rm x ]SM", "tools": [{"type": "function", **tool}]}
    [_, call] = objects(post(model, "/v1/responses", body).json()["output"])
    arguments = {"cmd": "rm x", "sandbox_permissions": "require_escalated"}
    assert json.loads(a_text(call["arguments"])) == arguments


def test_a_write_becomes_a_patch_where_only_that_is_offered(model: ScriptedModel) -> None:
    tools = [{"type": "custom", "name": "apply_patch"}]
    body = {"input": "SM[ write:a.txt|one\\ntwo ]SM", "tools": tools}
    [_, call] = objects(post(model, "/v1/responses", body).json()["output"])
    patch = "*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n*** End Patch"
    assert (call["type"], call["input"]) == ("custom_tool_call", patch)


def test_a_text_only_agent_gets_the_file_as_an_edit_block(model: ScriptedModel) -> None:
    body = {"messages": [{"role": "user", "content": "SM[ write:a.txt|one ]SM"}]}
    text = text_of("chat/completions", post(model, "/v1/chat/completions", body))
    assert "a.txt\n```\n<<<<<<< SEARCH\n=======\none\n>>>>>>> REPLACE" in text


def test_a_request_for_a_schema_is_a_side_request(model: ScriptedModel) -> None:
    schema = {"properties": {"title": {"type": "string"}}, "required": ["title"]}
    body = {"input": "SM[ say:x ]SM", "text": {"format": {"schema": schema}}}
    got = post(model, "/v1/responses", body)
    assert json.loads(text_of("responses", got)) == {"title": "Scripted title"}
    assert (model.requests[0].side, model.prompts()) == (True, [])


def test_side_requests_are_summed_apart(model: ScriptedModel) -> None:
    say(model, "SM[ u:1,2,3,4,5 ;; say:Main. ]SM")
    post(model, "/v1/messages", {"messages": [{"role": "user", "content": "quota"}]})
    assert model.served() == Usage(1, 2, 3, 4, 5)
    assert model.served(side=True) == Usage(11, 3, 0, 0, 0)


def test_a_resent_history_is_not_a_second_arrival(model: ScriptedModel) -> None:
    prompt = "SM[ sh:a ;; say:b ]SM with\n \"quotes\" 'n' #(x) ; \\; \t and a \N{SNOWMAN}"
    for results in (0, 1, 1):
        post(model, "/v1/messages", asked("messages", prompt, results))
    assert model.prompts() == [prompt]


def test_the_same_words_typed_twice_arrive_twice(model: ScriptedModel) -> None:
    turn = {"role": "user", "content": "again"}
    reply = {"role": "assistant", "content": "OK."}
    for messages in ([turn], [turn, reply, turn], [turn, reply, turn]):
        post(model, "/v1/messages", {"messages": messages, "tools": TOOLS["messages"]})
    assert model.prompts() == ["again", "again"]


@pytest.mark.parametrize(
    ("sent", "prompt"),
    [
        ("hello <b>", "hello <b>"),
        ("<a>one</a> two", "<a>one</a> two"),
        ("<current_datetime>now</current_datetime>\n\nhello ", "hello "),
        ("<user_query>\n two\nlines \n</user_query>", " two\nlines "),
        ("hello\n<system-reminder>be <b>\n</system-reminder>\n", "hello"),
    ],
)
def test_a_prompt_is_taken_out_of_what_the_cli_put_around_it(
    model: ScriptedModel, sent: str, prompt: str
) -> None:
    say(model, sent)
    assert model.prompts() == [prompt]


@pytest.mark.parametrize(
    "sent",
    [
        "<system-reminder>\nbe <b>\n</system-reminder>",
        "<user_info>\nx\n</user_info>\n\n<rules>\ny\n</rules>",
        "# AGENTS.md instructions for here\nbe good",
        "[Request interrupted by user for tool use]",
    ],
)
def test_a_clis_own_reminders_are_no_prompts(model: ScriptedModel, sent: str) -> None:
    say(model, sent)
    assert model.prompts() == []


def test_a_suggestion_is_a_side_request(model: ScriptedModel) -> None:
    text = "User: SM[ say:x ]SM\n\nPredict the user's next message."
    post(model, "/v1/messages", {"messages": [{"role": "user", "content": text}]})
    assert model.prompts() == []


def test_a_request_that_may_only_name_a_title_is_a_side_request(model: ScriptedModel) -> None:
    tool = {"type": "function", "function": {"name": "session_title", "parameters": {}}}
    body = {"messages": [{"role": "user", "content": "SM[ say:x ]SM"}], "tools": [tool]}
    post(model, "/v1/chat/completions", body)
    assert model.prompts() == []


def test_a_prompt_without_a_script_ends_the_turn(model: ScriptedModel) -> None:
    messages = [
        {"role": "user", "content": "SM[ sh:a ;; say:b ]SM"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "thank you"},
    ]
    body = {"messages": messages, "tools": TOOLS["messages"]}
    assert text_of("messages", post(model, "/v1/messages", body)) == "OK."


def test_conversations_are_kept_apart_by_the_session_header(model: ScriptedModel) -> None:
    for session in ("ada", "bob", "ada"):
        post(model, "/v1/messages", asked("messages", "hello"), session)
    assert model.conversations() == ["ada", "bob"]
    assert (model.prompts(), model.prompts("bob")) == (["hello", "hello"], ["hello"])


def test_a_prompt_is_known_while_its_answer_still_streams() -> None:
    with ScriptedModel() as model:
        listener = threading.Thread(target=say_until_cut, args=(model,))
        listener.start()
        model.wait_for(lambda model: len(model.prompts()) == 1)
        assert model.requests == []
    listener.join(20)
    assert not listener.is_alive()


def say_until_cut(model: ScriptedModel) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        say(model, "SM[ slow:1000,0.1 ;; say:long ]SM", stream=True)


def test_waiting_in_vain_names_what_did_arrive(model: ScriptedModel) -> None:
    say(model, "hello")
    with pytest.raises(TimeoutError, match="hello"):
        model.wait_for(lambda _: False, timeout=0.05)


def test_a_bad_script_is_said_in_the_answer(model: ScriptedModel) -> None:
    assert "Bad script" in text_of("messages", say(model, "SM[ u:1,x ;; say:b ]SM"))
    assert "Bad script" in text_of("messages", say(model, "SM[ fly:away ]SM"))


def test_tokens_can_be_counted(model: ScriptedModel) -> None:
    body = asked("messages", "x" * 400)
    counted = post(model, "/v1/messages/count_tokens", body).json()["input_tokens"]
    assert isinstance(counted, int)
    assert counted >= 100


def test_an_unknown_path_is_not_found(model: ScriptedModel) -> None:
    assert post(model, "/v1/embeddings", {}).status == 404


def test_twenty_agents_are_served_at_once(model: ScriptedModel) -> None:
    prompts = [f"SM[ slow:5,0.02 ;; say:{at} ]SM" for at in range(20)]
    threads = [threading.Thread(target=say, args=(model, prompt)) for prompt in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(model.prompts()) == sorted(prompts)
    assert all(request.complete for request in model.requests)


def test_the_module_serves_on_the_command_line(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "tests.scripted", "--log", str(log)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        address = urlsplit(served.stdout.readline().strip())
        connection = http.client.HTTPConnection(address.netloc, timeout=20)
        connection.request("POST", "/v1/responses", json.dumps({"input": "SM[ say:x ]SM"}))
        assert connection.getresponse().status == 200
        connection.close()
        served.terminate()
        assert served.wait(20) == 0
    [line] = log.read_text().splitlines()
    assert a_list(an_object(json.loads(line))["prompts"]) == ["SM[ say:x ]SM"]
