"""Anthropic Messages, as `POST /v1/messages`."""

import json
import time
import uuid
from collections.abc import Iterator

from tests.scripted.exchange import Answer, Ask, Failure, Turn, Usage, Wire
from tests.scripted.json_values import Obj, a_text, an_object, objects
from tests.scripted.reply import Reply

KINDS = {
    400: ("invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "not allowed"),
    429: ("rate_limit_error", "This request would exceed your rate limit"),
    529: ("overloaded_error", "Overloaded"),
}


def read(_path: str, body: Obj) -> Ask:
    """The request in the words every wire shares."""
    config = an_object(body.get("output_config"))
    form = an_object(config.get("format")) or an_object(body.get("output_format"))
    named = {a_text(tool.get("name")) or a_text(tool.get("type")): tool for tool in _tools(body)}
    return Ask(
        model=a_text(body.get("model")),
        stream=body.get("stream") is True,
        turns=tuple(_turns(body)),
        tools={name: an_object(tool.get("input_schema")) for name, tool in named.items()},
        schema=an_object(form.get("schema")) or None,
    )


def answer(ask: Ask, answer: Answer, reply: Reply) -> None:
    """Write the answer, streamed when the request asks for it."""
    headers = {"request-id": f"req_{uuid.uuid4().hex[:20]}", **_plan_headers(answer)}
    blocks = _blocks(answer)
    message = {
        "id": f"msg_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "stop_sequence": None,
    }
    stop = "tool_use" if answer.calls else "end_turn"
    stop = "max_tokens" if answer.is_cut else stop
    usage = _usage(answer.usage)
    if not ask.stream:
        done = {"content": blocks, "stop_reason": stop, "usage": usage}
        reply.whole(200, {**message, **done}, headers)
        return
    reply.start(headers)
    opening: Obj = {
        **message,
        "content": [],
        "stop_reason": None,
        "usage": {**usage, "output_tokens": 1},
    }
    _event(reply, "message_start", message=opening)
    for index, block in enumerate(blocks):
        _stream_block(reply, index, block, answer)
    ending = {"stop_reason": stop, "stop_sequence": None}
    _event(reply, "message_delta", delta=ending, usage=usage)
    _event(reply, "message_stop")
    reply.end()


def refuse(failure: Failure, reply: Reply) -> None:
    """Write an error as this API does, with the plan's headers for a plan limit."""
    kind, message = KINDS.get(failure.status, ("api_error", "Internal server error"))
    headers = {"retry-after": "2"} if failure.status in (429, 503, 529) else {}
    if failure.resets_in is not None:
        headers = {"retry-after": str(failure.resets_in)}
        headers |= _plan("rejected", 1.0, int(time.time()) + failure.resets_in)
    error = {"type": kind, "message": message}
    reply.whole(failure.status, {"type": "error", "error": error, "request_id": "req_1"}, headers)


def _tools(body: Obj) -> list[dict[str, object]]:
    return objects(body.get("tools"))


def _turns(body: Obj) -> Iterator[Turn]:
    system = body.get("system")
    yield Turn("system", (a_text(system), *(a_text(p.get("text")) for p in objects(system))))
    for message in objects(body.get("messages")):
        content = message.get("content")
        parts = objects(content) or [{"type": "text", "text": a_text(content)}]
        for part in parts:
            if part.get("type") == "tool_result":
                yield Turn("tool", (json.dumps(part.get("content")),))
        texts = tuple(a_text(part.get("text")) for part in parts if part.get("type") == "text")
        if message.get("role") == "user":
            if texts:
                yield Turn("user", texts)
        else:
            yield Turn("assistant" if message.get("role") == "assistant" else "system", texts)


def _usage(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.read,
        "output_tokens": usage.written,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_written,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_written,
            "ephemeral_1h_input_tokens": 0,
        },
        "service_tier": "standard",
    }


def _blocks(answer: Answer) -> list[dict[str, object]]:
    blocks: list[dict[str, object]] = []
    if answer.thought:
        thought = {"type": "thinking", "thinking": answer.thought, "signature": "c2NyaXB0ZWQ="}
        blocks.append({**thought})
    if answer.text or answer.slow:
        blocks.append({"type": "text", "text": answer.text})
    for call in answer.calls:
        made = {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:24]}", "name": call.tool}
        blocks.append({**made, "input": call.arguments})
    return blocks


def _stream_block(reply: Reply, index: int, block: dict[str, object], answer: Answer) -> None:
    empty = {"thinking": "", "signature": "", "text": "", "input": {}}
    start = {name: empty.get(name, value) for name, value in block.items()}
    _event(reply, "content_block_start", index=index, content_block=start)
    for delta in _deltas(reply, block, answer):
        _event(reply, "content_block_delta", index=index, delta=delta)
    reply.cut_if(answer.drop)
    _event(reply, "content_block_stop", index=index)


def _deltas(reply: Reply, block: dict[str, object], answer: Answer) -> Iterator[Obj]:
    match block["type"]:
        case "text":
            for chunk in reply.paced(answer):
                yield {"type": "text_delta", "text": chunk}
        case "thinking":
            yield {"type": "thinking_delta", "thinking": block["thinking"]}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case _:
            yield {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}


def _event(reply: Reply, kind: str, **fields: object) -> None:
    reply.event({"type": kind, **fields}, kind)


def _plan_headers(answer: Answer) -> dict[str, str]:
    if answer.limit_percent is None:
        return {}
    return _plan("allowed", answer.limit_percent / 100, int(time.time()) + 3600)


def _plan(status: str, used: float, resets_at: int) -> dict[str, str]:
    names = {
        "status": status,
        "reset": str(resets_at),
        "representative-claim": "five_hour",
        "5h-status": status,
        "5h-utilization": str(used),
        "5h-reset": str(resets_at),
        "7d-utilization": str(used / 2),
        "7d-reset": str(resets_at + 400_000),
    }
    return {f"anthropic-ratelimit-unified-{name}": value for name, value in names.items()}


WIRE = Wire("anthropic", read, answer, refuse)
