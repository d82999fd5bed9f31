"""What OpenAI's two APIs have in common: errors, plan headers, usage."""

import time

from tests.scripted.exchange import Answer, Failure
from tests.scripted.reply import Reply

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_exceeded",
}
MESSAGES = {
    400: "prompt is too long: 250000 tokens > 200000 maximum",
    401: "Incorrect API key provided",
    429: "Rate limit reached",
}


def refuse(failure: Failure, reply: Reply) -> None:
    """Write an error; a plan limit in the shape Codex knows."""
    headers = {"retry-after": "2"} if failure.status in (429, 503) else {}
    error: dict[str, object] = {
        "type": KINDS.get(failure.status, "server_error"),
        "code": "rate_limit_exceeded" if failure.status == 429 else None,
        "message": MESSAGES.get(failure.status, "The server had an error"),
    }
    if failure.resets_in is not None:
        resets_at = int(time.time()) + failure.resets_in
        headers = {"retry-after": str(failure.resets_in), **plan(100.0, resets_at)}
        error = {
            "type": "usage_limit_reached",
            "message": "The usage limit has been reached",
            "plan_type": "plus",
            "resets_at": resets_at,
            "resets_in_seconds": failure.resets_in,
        }
    reply.whole(failure.status, {"error": error}, headers)


def plan_headers(answer: Answer) -> dict[str, str]:
    """Headers that say how much of the plan windows is used; none unless the script says so."""
    if answer.limit_percent is None:
        return {}
    return plan(answer.limit_percent, int(time.time()) + 3600)


def plan(percent: float, resets_at: int) -> dict[str, str]:
    """`percent` of the 5-hour window used, half of it of the 7-day window."""
    return {
        "x-codex-primary-used-percent": str(percent),
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": str(resets_at),
        "x-codex-secondary-used-percent": str(percent / 2),
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-at": str(resets_at + 400_000),
    }
