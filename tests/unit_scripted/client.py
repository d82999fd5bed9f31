"""A client of the scripted model that speaks each wire as plainly as it goes."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.scripted import ScriptedModel
from tests.scripted.json_values import Obj, a_text, an_object, objects

COMMAND = {"type": "object", "properties": {"command": {"type": "string"}}}
TOOLS: dict[str, list[dict[str, object]]] = {
    "messages": [{"name": "Bash", "input_schema": COMMAND}],
    "responses": [{"type": "function", "name": "shell", "parameters": COMMAND}],
    "chat/completions": [{"type": "function", "function": {"name": "bash", "parameters": COMMAND}}],
}
GEMINI_TOOLS = [
    {"functionDeclarations": [{"name": "run_shell_command", "parametersJsonSchema": COMMAND}]}
]
WIRES = ["messages", "responses", "chat/completions", "gemini"]


@dataclass(frozen=True)
class Got:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Obj:
        return an_object(json.loads(self.text))

    def events(self) -> list[dict[str, object]]:
        lines = (line for line in self.text.splitlines() if line.startswith("data: {"))
        return [an_object(json.loads(line.removeprefix("data: "))) for line in lines]


def post(model: ScriptedModel, path: str, body: object, session: str = "s1") -> Got:
    address = urlsplit(model.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    try:
        connection.request("POST", path, json.dumps(body), {"x-session-id": session})
        response = connection.getresponse()
        return Got(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


def say(model: ScriptedModel, prompt: str, wire: str = "messages", *, stream: bool = False) -> Got:
    return post(model, path_of(wire, stream), asked(wire, prompt, stream=stream))


def path_of(wire: str, stream: bool) -> str:
    if wire != "gemini":
        return f"/v1/{wire}"
    return f"/v1beta/models/m:{'streamGenerateContent?alt=sse' if stream else 'generateContent'}"


def asked(wire: str, prompt: str, results: int = 0, *, stream: bool = False) -> Obj:
    """A request of one prompt, followed by the results of `results` tool calls."""
    if wire == "gemini":
        turns: list[object] = [{"role": "user", "parts": [{"text": prompt}]}]
        result = {"functionResponse": {"name": "run_shell_command", "response": {}}}
        turns += [{"role": "user", "parts": [result]}] * results
        return {"contents": turns, "tools": GEMINI_TOOLS}
    turns = [{"role": "user", "content": prompt}]
    if wire == "responses":
        turns += [{"type": "function_call_output", "call_id": "c", "output": "ok"}] * results
        return {"input": turns, "tools": TOOLS[wire], "stream": stream}
    if wire == "chat/completions":
        turns += [{"role": "tool", "content": "ok"}] * results
    else:
        part = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
        turns += [{"role": "user", "content": [part]}] * results
    return {"messages": turns, "tools": TOOLS[wire], "stream": stream, "model": "m"}


def text_of(wire: str, got: Got) -> str:
    """The text of an answer that was not streamed."""
    body = got.json()
    match wire:
        case "messages":
            return a_text(objects(body["content"])[0]["text"])
        case "responses":
            return a_text(objects(objects(body["output"])[0]["content"])[0]["text"])
        case "chat/completions":
            return a_text(an_object(objects(body["choices"])[0]["message"])["content"])
        case _:
            content = an_object(objects(body["candidates"])[0]["content"])
            return a_text(objects(content["parts"])[0]["text"])


def streamed_text(wire: str, got: Got) -> str:
    """The text of a streamed answer, put together from its chunks."""
    chunks = []
    for event in got.events():
        match wire:
            case "messages":
                chunks.append(a_text(an_object(event.get("delta")).get("text")))
            case "responses" if event["type"] == "response.output_text.delta":
                chunks.append(a_text(event["delta"]))
            case "chat/completions":
                deltas = [an_object(choice["delta"]) for choice in objects(event.get("choices"))]
                chunks += [a_text(delta.get("content")) for delta in deltas]
            case "gemini":
                for candidate in objects(event.get("candidates")):
                    parts = objects(an_object(candidate["content"])["parts"])
                    chunks += [a_text(part.get("text")) for part in parts]
    return "".join(chunks)


def tokens_reported(wire: str, body: Obj) -> object:
    """The reported input tokens, in the wire's own meaning of input."""
    match wire:
        case "gemini":
            return an_object(body["usageMetadata"])["promptTokenCount"]
        case "chat/completions":
            return an_object(body["usage"])["prompt_tokens"]
        case _:
            return an_object(body["usage"])["input_tokens"]
