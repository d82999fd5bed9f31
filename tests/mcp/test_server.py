"""The tools of agents, called by the SDK's own client from the real server process."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import TextContent

from command_center.domain import tools
from command_center.domain.asks import Verdict
from command_center.domain.intents import Answer, Interrupt, Launch
from command_center.domain.model import Agent, State
from command_center.domain.scopes import MODEST, Scope
from command_center.domain.tasks import Life
from command_center.mcp.server import schema_of
from tests.center import Center
from tests.engine.test_tasks import done

HOSTILE = "\x1b]0;owned\x07#(touch pwned) `id`; $(id) #{pane_id}\x1b[2J\x00"
CLIENT = {"name": "test", "version": "1"}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LONE = {"name": "post_board", "arguments": {"text": "\ud800"}}
NO_MESSAGES = (
    b"\xff\xfe\n",
    b"[" * 100_000 + b"\n",
    json.dumps({"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": LONE}).encode()
    + b"\n",
    b"{}\n",
)
SERVER = ("-P", "-m", "command_center.cli.entry", "mcp")


async def agent_of(center: Center, prompt: str = "", scopes: tuple[str, ...] = ()) -> Agent:
    launch = Launch("echo", str(center.repo), prompt, name="ada", scopes=scopes or None)
    answer = await center.answer(launch)
    assert not answer.is_refused, answer.text
    state = State.BUSY if prompt else State.IDLE
    return await center.agent_until(answer.agent, lambda a: a.state is state and a.has_process)


@asynccontextmanager
async def client_of(center: Center, agent: str, launch: str) -> AsyncIterator[Client]:
    env = {**center.environ(), "ACC_AGENT": agent, "ACC_LAUNCH": launch}
    server = StdioServerParameters(command=sys.executable, args=list(SERVER), env=env)
    async with Client(stdio_client(server)) as client:
        yield client


async def said(client: Client, name: str, /, **arguments: object) -> str:
    text, is_error = await result(client, name, **arguments)
    assert not is_error, text
    return text


async def result(client: Client, name: str, /, **arguments: object) -> tuple[str, bool]:
    told = await client.call_tool(name, dict(arguments))
    [content] = told.content
    assert isinstance(content, TextContent)
    return content.text, told.is_error


async def test_an_agent_tells_proposes_and_reads(supervised: Center) -> None:
    ada = await agent_of(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        assert await said(client, "report_progress", text="half way", percent="50") == "told"
        assert await said(client, "propose_task", title="Tidy up", kind="chore") == "T1"
        assert await said(client, "post_board", text="The API moved.") == "posted"
        assert "src" in await said(client, "reserve_paths", paths=["src/"])
        fleet = json.loads(await said(client, "list_fleet"))
        board = json.loads(await said(client, "read_board"))
    assert fleet["agents"][0]["name"] == "ada"
    assert fleet["agents"][0]["progress"] == "half way"
    assert fleet["open_tasks"] == [{"id": "T1", "title": "Tidy up", "life": "draft"}]
    assert [note["text"] for note in board["notes"]] == ["The API moved."]
    assert board["reserved"] == [{"by": "ada", "paths": ["src"]}]
    assert supervised.fleet.tasks["T1"].life is Life.DRAFT


async def test_an_agent_sees_the_tools_of_its_scopes_only(supervised: Center) -> None:
    ada = await agent_of(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        text, is_error = await result(client, "send_message", to="bob", text="hi")
    named = {tools.name_of(t) for t, scope in tools.SCOPE_OF.items() if scope in MODEST}
    assert listed == named - {"withdraw_question"}
    assert is_error
    assert "no tool 'send_message'" in text


@pytest.mark.parametrize("launch", ["", "old", "#{pane_id}"])
async def test_an_unknown_launch_gets_nothing(supervised: Center, launch: str) -> None:
    ada = await agent_of(supervised)
    async with client_of(supervised, ada.id, launch) as client:
        assert (await client.list_tools()).tools == []
        text, is_error = await result(client, "post_board", text="hi")
    assert is_error
    assert "only an agent that Command Center runs" in text
    assert supervised.fleet.board.posts == ()


async def test_the_user_answers_what_an_agent_asks(supervised: Center) -> None:
    ada = await agent_of(supervised, "work [long]")
    async with client_of(supervised, ada.id, ada.launch) as client:
        asking = asyncio.create_task(said(client, "ask_user", question="Blue?"))
        seen = await supervised.agent_until(ada.id, lambda a: a.asks is not None)
        assert seen.asks is not None
        await done(supervised, Answer(ada.id, seen.asks.id, Verdict.TEXT, text="No, red."))
        assert await asking == "No, red."


async def test_a_cancelled_call_takes_its_question_back(supervised: Center) -> None:
    ada = await agent_of(supervised, "work [long]")
    async with client_of(supervised, ada.id, ada.launch) as client:
        asking = asyncio.create_task(said(client, "ask_user", question="Blue?"))
        await supervised.agent_until(ada.id, lambda a: a.asks is not None)
        asking.cancel()
        await supervised.agent_until(ada.id, lambda a: a.plea is None)


async def test_a_server_whose_client_left_takes_its_question_back(supervised: Center) -> None:
    ada = await agent_of(supervised, "work [long]")
    async with client_of(supervised, ada.id, ada.launch) as client:
        asking = asyncio.create_task(said(client, "ask_user", question="Blue?"))
        await supervised.agent_until(ada.id, lambda a: a.asks is not None)
        asking.cancel()
    await supervised.agent_until(ada.id, lambda a: a.plea is None)


async def test_a_question_that_ends_with_its_turn_is_told_so(supervised: Center) -> None:
    ada = await agent_of(supervised, "work [long]")
    async with client_of(supervised, ada.id, ada.launch) as client:
        asking = asyncio.create_task(result(client, "ask_user", question="Blue?"))
        await supervised.agent_until(ada.id, lambda a: a.asks is not None)
        await done(supervised, Interrupt(ada.id))
        assert await asking == ("nobody answered; the turn that asked is over", True)


BAD: tuple[tuple[str, dict[str, object], str], ...] = (
    ("report_progress", {"text": 7.5}, "Expected `str`"),
    ("report_progress", {"text": "x" * 401}, "length <= 400"),
    ("report_progress", {"text": "x", "percent": 10**30}, "int"),
    ("report_progress", {"text": "x", "extra": 1}, "unknown field `extra`"),
    ("report_progress", {}, "missing required field `text`"),
    ("post_board", {"text": None}, "Expected `str`"),
    ("post_board", {"text": {"a": [1] * 1000}}, "Expected `str`"),
    ("reserve_paths", {"paths": ["/etc/passwd"]}, "no path inside the repository"),
    ("reserve_paths", {"paths": ["a/../../b"]}, "no path inside the repository"),
    ("reserve_paths", {"paths": ["x"] * 51}, "length <= 50"),
    ("propose_task", {"title": "x", "kind": "rm -rf"}, "Invalid enum value"),
    ("propose_task", {"title": " \x1b[2J "}, "needs a title"),
    ("withdraw_question", {"question": "x"}, "you have no tool"),
    ("../../etc", {}, "you have no tool"),
    (HOSTILE, {}, "you have no tool"),
    ("post_board", {"tool": "send_message", "to": "a", "text": "x"}, "unknown field `to`"),
)


async def test_bad_calls_are_told_what_is_wrong_and_change_nothing(supervised: Center) -> None:
    ada = await agent_of(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        for name, arguments, why in BAD:
            text, is_error = await result(client, name, **arguments)
            assert is_error, (name, arguments)
            assert why in text, text
            assert "\x1b" not in text
        text, is_error = await result(client, "post_board", text="x" * 5_000_000)
        assert is_error
        assert await said(client, "post_board", text="still here") == "posted"
    fleet = supervised.fleet
    assert [post.text for post in fleet.board.posts] == ["still here"]
    assert (fleet.tasks, fleet.board.progress, fleet.board.reservations) == ({}, {}, {})
    assert not list((supervised.places.inbox / "bad").iterdir())


async def test_hostile_texts_are_texts_and_nothing_else(supervised: Center) -> None:
    ada = await agent_of(supervised, scopes=tuple(Scope))
    bob = await supervised.launch(name="bob")
    await supervised.agent_until(bob.id, lambda a: a.state == "idle")
    async with client_of(supervised, ada.id, ada.launch) as client:
        await said(client, "post_board", text=HOSTILE)
        await said(client, "propose_task", title=HOSTILE, prompt=HOSTILE)
        await said(client, "send_message", to="bob", text=HOSTILE)
        fleet = await said(client, "list_fleet")
        board = await said(client, "read_board")
    assert "\\u001b" not in fleet + board
    await supervised.until(lambda _: len(supervised.received(bob.id)) == 1)
    [message] = supervised.received(bob.id)
    assert "#(touch pwned) `id`; $(id) #{pane_id}" in message
    assert "\x1b" not in message
    assert not list(supervised.home.rglob("pwned"))


@pytest.mark.parametrize("line", NO_MESSAGES, ids=["bytes", "nested", "surrogate", "empty"])
async def test_what_is_no_message_of_the_protocol_ends_nothing(
    supervised: Center, line: bytes
) -> None:
    ada = await agent_of(supervised)
    env = {**supervised.environ(), "ACC_AGENT": ada.id, "ACC_LAUNCH": ada.launch}
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": CLIENT}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": asked}
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    lines = line + b"".join(json.dumps(each).encode() + b"\n" for each in (hello, READY, call))
    server = await asyncio.create_subprocess_exec(
        sys.executable, *SERVER, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(lines)
    answers: list[dict[str, object]] = []
    while not any(answer.get("id") == 2 for answer in answers):
        answers.append(json.loads(await asyncio.wait_for(server.stdout.readline(), 40)))
    server.stdin.close()
    assert await asyncio.wait_for(server.wait(), 40) == 0
    assert any("result" in answer for answer in answers if answer.get("id") == 1)


def test_every_schema_stands_alone_and_matches_its_tool() -> None:
    for tool in tools.SCOPE_OF:
        schema = schema_of(tool)
        assert schema["type"] == "object"
        assert "$ref" not in json.dumps(schema)
        assert "tool" not in schema["properties"]
        assert tool.__doc__
