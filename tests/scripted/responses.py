"""OpenAI Responses, as `POST /v1/responses`."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping

from tests.scripted.exchange import Answer, Ask, Turn, Usage, Wire
from tests.scripted.json_values import Obj, a_text, an_object, objects
from tests.scripted.openai import plan_headers, refuse
from tests.scripted.reply import Reply


def read(_path: str, body: Obj) -> Ask:
    """The request in the words every wire shares."""
    form = an_object(an_object(body.get("text")).get("format"))
    return Ask(
        model=a_text(body.get("model")),
        stream=body.get("stream") is True,
        turns=tuple(_turns(body)),
        tools=dict(_tools(body)),
        schema=an_object(form.get("schema")) or None,
    )


def answer(ask: Ask, answer: Answer, reply: Reply) -> None:
    """Write the answer, streamed when the request asks for it."""
    items = _items(answer)
    opened = {
        "id": f"resp_{uuid.uuid4().hex[:24]}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "model": ask.model,
        "output": [],
        "usage": None,
    }
    done = {**opened, "status": "completed", "output": items, "usage": _usage(answer.usage)}
    if not ask.stream:
        reply.whole(200, done, plan_headers(answer))
        return
    stream = _Stream(reply)
    reply.start(plan_headers(answer))
    stream.event("response.created", response=opened)
    for index, item in enumerate(items):
        stream.item(index, item, answer)
    stream.event("response.completed", response=done)
    reply.end()


def _turns(body: Obj) -> Iterator[Turn]:
    given = body.get("input")
    if isinstance(given, str):
        yield Turn("user", (given,))
    yield Turn("system", (a_text(body.get("instructions")),))
    for item in objects(given):
        kind = a_text(item.get("type")) or "message"
        if kind == "message":
            yield _message(item)
        elif kind.endswith("_output"):
            yield Turn("tool", (json.dumps(item.get("output")),))


def _message(item: Obj) -> Turn:
    content = item.get("content")
    parts = [a_text(content)] if isinstance(content, str) else []
    parts += [a_text(part.get("text")) for part in objects(content)]
    match item.get("role", "user"):
        case "user":
            return Turn("user", tuple(parts))
        case "assistant":
            return Turn("assistant", tuple(parts))
        case _:
            return Turn("system", tuple(parts))


def _tools(body: Obj) -> Iterator[tuple[str, Obj]]:
    for tool in objects(body.get("tools")):
        name = a_text(tool.get("name"))
        if tool.get("type") == "namespace":
            for inner in objects(tool.get("tools")):
                yield f"{name}.{a_text(inner.get('name'))}", an_object(inner.get("parameters"))
        else:
            yield name or a_text(tool.get("type")), an_object(tool.get("parameters"))


def _usage(usage: Usage) -> Mapping[str, object]:
    read = usage.read + usage.cache_read
    written = usage.written + usage.reasoned
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": usage.cache_read},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": usage.reasoned},
        "total_tokens": read + written,
    }


def _items(answer: Answer) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    if answer.thought:
        summary = [{"type": "summary_text", "text": answer.thought}]
        items.append({"type": "reasoning", "id": _id("rs"), "summary": summary})
    if answer.text or answer.slow:
        said = [{"type": "output_text", "text": answer.text, "annotations": []}]
        message = {"type": "message", "id": _id("msg"), "role": "assistant", "content": said}
        items.append({**message, "status": "completed"})
    for call in answer.calls:
        # A tool in a namespace is named with a dot by us, and in two fields on the wire.
        space, _, name = call.tool.rpartition(".")
        made = {"call_id": _id("call"), "name": name, "status": "completed"}
        made |= {"namespace": space} if space else {}
        if isinstance(call.arguments, str):
            kind = {"type": "custom_tool_call", "id": _id("ctc"), "input": call.arguments}
        else:
            arguments = json.dumps(call.arguments)
            kind = {"type": "function_call", "id": _id("fc"), "arguments": arguments}
        items.append({**kind, **made})
    return items


def _id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:20]}"


class _Stream:
    """The numbered events of one response."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._number = 0

    def event(self, kind: str, **fields: object) -> None:
        self._number += 1
        self._reply.event({"type": kind, "sequence_number": self._number, **fields}, kind)

    def item(self, index: int, item: dict[str, object], answer: Answer) -> None:
        at = {"output_index": index, "item_id": item["id"]}
        empty = {"content": [], "summary": [], "arguments": "", "input": ""}
        started = {name: empty.get(name, value) for name, value in item.items()}
        opened = {**started, "status": "in_progress"}
        self.event("response.output_item.added", output_index=index, item=opened)
        match item["type"]:
            case "message":
                self._said(at, item, answer)
            case "function_call":
                arguments = item["arguments"]
                kind = "response.function_call_arguments"
                self.event(f"{kind}.delta", **at, delta=arguments)
                self.event(f"{kind}.done", **at, arguments=arguments)
            case "reasoning":
                kind = "response.reasoning_summary_text"
                self.event(f"{kind}.delta", **at, summary_index=0, delta=answer.thought)
                self.event(f"{kind}.done", **at, summary_index=0, text=answer.thought)
        self._reply.cut_if(answer.drop)
        self.event("response.output_item.done", output_index=index, item=item)

    def _said(self, at: Obj, item: dict[str, object], answer: Answer) -> None:
        part: dict[str, object] = {"type": "output_text", "text": "", "annotations": []}
        where = {**at, "content_index": 0}
        self.event("response.content_part.added", **where, part=part)
        text = ""
        for chunk in self._reply.paced(answer):
            text += chunk
            self.event("response.output_text.delta", **where, delta=chunk)
        item["content"] = [{**part, "text": text}]
        self.event("response.output_text.done", **where, text=text)
        self.event("response.content_part.done", **where, part={**part, "text": text})


WIRE = Wire("responses", read, answer, refuse)
