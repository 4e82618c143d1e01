"""From the bytes of a broker's message to posts, in whichever dialect it is; what cannot be read is refused aloud."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
from pydantic import BaseModel

from core.collect.bodies import parse_sent_at, with_shared_context
from core.collect.collector import Post
from core.collect.dialects import Dialect, dialect_of
from core.errors import InvalidEventError

MOST_EVENTS = 5000
"""Of one message, as of one request."""


def posts_of(data: bytes, *, source: str | None, received_at: datetime) -> list[Post]:
    """At least one post; one of a text that is no JSON object is refused by the collector, which keeps the text.

    Args:
        data: one event of any dialect, a list of them, or what is posted to /v1/batch, PostHog's /batch or GA4's
            /mp/collect.
        source: the events' source; None: the dialect's name.
        received_at: naive UTC.
    """
    try:
        body = _parse(data)
        messages, sent_at = _messages(body)
    except InvalidEventError as error:
        return [refused(data, str(error), source=source, received_at=received_at)]
    return [
        Post(list(group), dialect, source or dialect.name, received_at, sent_at)
        for dialect, group in groupby(messages, dialect_of)
    ] or [refused(data, "it holds no event", source=source, received_at=received_at)]


def refused(data: bytes, reason: str, *, source: str | None, received_at: datetime) -> Post:
    """A post of a message that cannot be used; it ends among the rejected events with its text."""
    text = data.decode("utf-8", "backslashreplace")
    message = {"refused": reason, "message": text}
    return Post([message], _REFUSING, source or "broker", received_at)


def _refuse(message: Mapping[str, Any], received_at: datetime, sent_at: datetime | None) -> list[dict[str, Any]]:
    raise InvalidEventError(f"The message cannot be used: {message['refused']}.")


class _RefusedMessage(BaseModel):
    refused: str
    message: str


_REFUSING = Dialect("broker", _RefusedMessage, _refuse, lambda _: ())


def _parse(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data)  # takes half a surrogate pair, which a text cut in two has
    except (ValueError, RecursionError) as error:
        raise InvalidEventError(f"it is not JSON ({error})") from error


def _messages(body: Any) -> tuple[Sequence[Any], datetime | None]:
    """The messages of a body and the client's clock at sending."""
    if isinstance(body, list):
        return _bounded(body), None
    if not isinstance(body, dict):
        raise InvalidEventError("it is no JSON object")
    sent_at = parse_sent_at(body.get("sentAt") or body.get("sent_at"))
    if isinstance(body.get("batch"), list):
        shared = body.get("context")
        context = shared if isinstance(shared, dict) else None
        return [with_shared_context(message, context) for message in _bounded(body["batch"])], sent_at
    if isinstance(body.get("events"), list):
        told = {name: value for name, value in body.items() if name != "events"}
        return [told | event if isinstance(event, dict) else event for event in _bounded(body["events"])], None
    return [body], sent_at


def _bounded(messages: list[Any]) -> list[Any]:
    if len(messages) > MOST_EVENTS:
        raise InvalidEventError(f"it holds {len(messages):,} events, expected at most {MOST_EVENTS:,}")
    return messages
