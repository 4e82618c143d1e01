"""What is said of one operation: enough to call it without reading the code, and to test it against its word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from app.api.operations.answers import Problem
from app.api.repeated import LONGEST_NAME, MOST_NAMED

JSON = "application/json"

Tag = Literal["Collect", "Ask", "Tell", "Label", "Study", "Look", "Watch"]
Access = Literal["key", "write key", "page", "free"]
"""Who may call: with the API key; with a write key or the API key; as `key`, and no page of another site; anyone."""

Model = type[BaseModel]

_PROBLEMS = {
    400: "The request cannot be used; the answer names the field and the value.",
    401: "The key is missing or wrong.",
    403: "The request comes from a page of another site.",
    404: "There is no such thing.",
    409: "It does not fit how things stand now; the message says how they do.",
    413: "The body is too large.",
    415: "The body's Content-Encoding is neither gzip nor identity.",
    429: "More events per second than the write key may send; Retry-After says when to send again.",
    503: "It cannot be answered now; Retry-After says when to ask again.",
}
_EXAMPLES = {
    400: {"code": "invalid_query", "message": "top_k is a number from 1 to 100.", "field": "top_k", "value": "0"},
    401: {"code": "unauthorized", "message": "The API key is missing or wrong; send it as … X-API-Key."},
    403: {"code": "foreign_page", "message": "This page was not opened from this server, or before its last start."},
    404: {"code": "not_found", "message": "There is no event of visitor 'v-7'; send some to /v1/track first."},
    409: {"code": "already_over", "message": "The study 'explain-1' is finished and cannot be cancelled any more."},
    413: {"code": "body_too_large", "message": "The body is larger than 4 MB; send smaller batches."},
    415: {"code": "unknown_encoding", "message": "Send the body as it is or gzipped.", "value": "br"},
    429: {"code": "too_many_events", "message": "More than 50 events per second; send this again in 2 s."},
    503: {"code": "no_model", "message": "There is no model yet. Label sessions and train one on the Train page."},
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of the path, the query or the headers; `schema` is its JSON Schema."""

    name: str
    place: Literal["path", "query", "header"]
    words: str
    schema: Mapping[str, Any]
    example: Any = None
    required: bool = False


@dataclass(frozen=True)
class Answer:
    """What comes back with one status; without a model there is no body, or one that is no JSON."""

    words: str
    model: Model | None = None
    example: Any = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One operation, at every path that answers it.

    paths: as OpenAPI writes them, each with the id its operation has there
    examples: bodies by what they show; each is sent to a real server by a test
    """

    method: Literal["get", "post", "patch", "delete"]
    paths: Mapping[str, str]
    tag: Tag
    summary: str
    answers: Mapping[int, Answer]
    access: Access = "key"
    words: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Model | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)


def problems(*statuses: int) -> dict[int, Answer]:
    """Answers in the error shape."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> Answer:
    headers = {429: {"Retry-After": "Seconds."}, 503: {"Retry-After": "Seconds."}}.get(status, {})
    return Answer(_PROBLEMS[status], Problem, {"error": _EXAMPLES[status]}, headers=headers)


NAMES: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "maxItems": MOST_NAMED,
}
"""The schema of a repeated parameter."""

OF_BODY = problems(400, 401, 413, 415)
"""What any operation with a body may answer."""
