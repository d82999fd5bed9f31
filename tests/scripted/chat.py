"""OpenAI Chat Completions, as `POST /v1/chat/completions`."""

import json
import time
import uuid
from collections.abc import Iterator

from tests.scripted.exchange import Answer, Ask, Role, Turn, Usage, Wire
from tests.scripted.json_values import Obj, a_text, an_object, objects
from tests.scripted.openai import plan_headers, refuse
from tests.scripted.reply import Reply

ROLES: dict[object, Role] = {"user": "user", "assistant": "assistant", "tool": "tool"}


def read(_path: str, body: Obj) -> Ask:
    """The request in the words every wire shares."""
    form = an_object(an_object(body.get("response_format")).get("json_schema"))
    functions = [an_object(tool.get("function")) for tool in objects(body.get("tools"))]
    return Ask(
        model=a_text(body.get("model")),
        stream=body.get("stream") is True,
        turns=tuple(_turns(body)),
        tools={a_text(each.get("name")): an_object(each.get("parameters")) for each in functions},
        schema=an_object(form.get("schema")) or None,
    )


def answer(ask: Ask, answer: Answer, reply: Reply) -> None:
    """Write the answer, streamed when the request asks for it."""
    calls = _calls(answer)
    made = {
        "id": f"chatcmpl-{uuid.uuid4().hex[:20]}",
        "created": int(time.time()),
        "model": ask.model,
    }
    finish = "length" if answer.is_cut else "tool_calls" if calls else "stop"
    if not ask.stream:
        message = {"role": "assistant", "content": answer.text, "reasoning_content": answer.thought}
        choice = {"index": 0, "message": {**message, "tool_calls": calls or None}}
        choices = [{**choice, "finish_reason": finish}]
        whole = {"object": "chat.completion", "choices": choices, "usage": _usage(answer.usage)}
        reply.whole(200, {**made, **whole}, plan_headers(answer))
        return
    reply.start(plan_headers(answer))
    chunk = {**made, "object": "chat.completion.chunk"}
    for delta in _deltas(answer, reply):
        reply.event({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    reply.cut_if(answer.drop)
    for index, call in enumerate(calls):
        delta = {"tool_calls": [{"index": index, **call}]}
        reply.event({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    reply.event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    reply.event({**chunk, "choices": [], "usage": _usage(answer.usage)})
    reply.event("[DONE]")
    reply.end()


def _turns(body: Obj) -> Iterator[Turn]:
    for message in objects(body.get("messages")):
        content = message.get("content")
        parts = [a_text(content)] if isinstance(content, str) else []
        parts += [a_text(part.get("text")) for part in objects(content)]
        yield Turn(ROLES.get(message.get("role"), "system"), tuple(parts))


def _usage(usage: Usage) -> dict[str, object]:
    read = usage.read + usage.cache_read
    written = usage.written + usage.reasoned
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoned},
    }


def _calls(answer: Answer) -> list[dict[str, object]]:
    return [
        {
            "id": f"call_{uuid.uuid4().hex[:20]}",
            "type": "function",
            "function": {"name": call.tool, "arguments": json.dumps(call.arguments)},
        }
        for call in answer.calls
    ]


def _deltas(answer: Answer, reply: Reply) -> Iterator[Obj]:
    yield {"role": "assistant", "content": ""}
    if answer.thought:
        yield {"reasoning_content": answer.thought}
    for chunk in reply.paced(answer):
        yield {"content": chunk}


WIRE = Wire("chat", read, answer, refuse)
