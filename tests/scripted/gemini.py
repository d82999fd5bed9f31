"""Gemini, as `POST /v1beta/models/MODEL:generateContent` and `:streamGenerateContent`."""

import json
import uuid
from collections.abc import Iterator

from tests.scripted.exchange import Answer, Ask, Failure, Turn, Usage, Wire
from tests.scripted.json_values import Obj, a_text, an_object, objects
from tests.scripted.reply import Reply

RPC = "type.googleapis.com/google.rpc."
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def read(path: str, body: Obj) -> Ask:
    """The request in the words every wire shares; the model and the streaming are in the path."""
    config = an_object(body.get("generationConfig"))
    schema = an_object(config.get("responseJsonSchema")) or an_object(config.get("responseSchema"))
    return Ask(
        model=path.rsplit("/", 1)[-1].partition(":")[0],
        stream=":streamGenerateContent" in path,
        turns=tuple(_turns(body)),
        tools=dict(_tools(body)),
        schema=schema or None,
    )


def answer(ask: Ask, answer: Answer, reply: Reply) -> None:
    """Write the answer, streamed when the path asks for it."""
    made = {"modelVersion": ask.model, "responseId": uuid.uuid4().hex[:20]}
    usage = {"usageMetadata": _usage(answer.usage)}
    extra = _parts(answer)
    if not ask.stream:
        whole = _candidate([{"text": answer.text}, *extra], finish="STOP")
        reply.whole(200, {**whole, **usage, **made})
        return
    reply.start()
    for chunk in reply.paced(answer):
        reply.event({**_candidate([{"text": chunk}]), **made})
    reply.cut_if(answer.drop)
    reply.event({**_candidate(extra or [{"text": ""}], finish="STOP"), **usage, **made})
    reply.end()


def refuse(failure: Failure, reply: Reply) -> None:
    """Write an error as this API does; a plan limit as a day's quota that is used up."""
    status = STATUSES.get(failure.status, "INTERNAL")
    error: dict[str, object] = {"code": failure.status, "message": "Scripted", "status": status}
    if failure.resets_in is not None:
        error["message"] = "You exceeded your current quota."
        error["details"] = [
            {"@type": f"{RPC}QuotaFailure", "violations": [{"quotaId": "RequestsPerDay"}]},
            {"@type": f"{RPC}RetryInfo", "retryDelay": f"{failure.resets_in}s"},
        ]
    reply.whole(failure.status, {"error": error})


def _turns(body: Obj) -> Iterator[Turn]:
    system = objects(an_object(body.get("systemInstruction")).get("parts"))
    yield Turn("system", tuple(a_text(part.get("text")) for part in system))
    for content in objects(body.get("contents")):
        parts = objects(content.get("parts"))
        for part in parts:
            if "functionResponse" in part:
                yield Turn("tool", (json.dumps(part["functionResponse"]),))
        texts = tuple(a_text(part["text"]) for part in parts if "text" in part)
        if content.get("role") == "model":
            yield Turn("assistant", texts)
        elif texts:
            yield Turn("user", texts)


def _tools(body: Obj) -> Iterator[tuple[str, Obj]]:
    for tool in objects(body.get("tools")):
        for each in objects(tool.get("functionDeclarations")):
            schema = each.get("parametersJsonSchema") or each.get("parameters")
            yield a_text(each.get("name")), an_object(schema)


def _usage(usage: Usage) -> dict[str, object]:
    read = usage.read + usage.cache_read
    return {
        "promptTokenCount": read,
        "cachedContentTokenCount": usage.cache_read,
        "candidatesTokenCount": usage.written,
        "thoughtsTokenCount": usage.reasoned,
        "totalTokenCount": read + usage.written + usage.reasoned,
    }


def _parts(answer: Answer) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = []
    if answer.thought:
        parts.append({"text": answer.thought, "thought": True})
    for call in answer.calls:
        made = {"name": call.tool, "args": call.arguments, "id": f"call_{uuid.uuid4().hex[:12]}"}
        parts.append({"functionCall": made})
    return parts


def _candidate(parts: list[dict[str, object]], finish: str = "") -> dict[str, object]:
    content = {"role": "model", "parts": parts}
    candidate: dict[str, object] = {"content": content, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate]}


WIRE = Wire("gemini", read, answer, refuse)
