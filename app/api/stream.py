"""GET /v1/stream: server-sent events (WHATWG HTML, section 9.2) of shoppers' intents as they change.

An event's id names the server process and counts its updates, so that `Last-Event-ID` resumes exactly, and a consumer
learns what it missed: because it was away for longer than updates are kept, was too slow, or the server began anew.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.access import check_reading
from app.api.errors import ApiError
from app.api.repeated import repeated
from app.api.streams import Streams, Subscription, told
from app.context import AppContext
from core.realtime.intent_update import IntentUpdate
from core.realtime.update_filter import UpdateFilter

HEARTBEAT_S = 15.0
"""Proxies close what is silent, often after 30 or 60 s."""

_RECONNECT = b"retry: 2000\n"
_HEARTBEAT = b": still here\n"
_AT_ONCE = 200
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def get_stream(request: Request) -> Response:
    """The stream of intent changes, or with `?events=all` of every event, filtered by the query."""
    app_context: AppContext = request.app.state.context
    streams: Streams = request.app.state.streams
    check_reading(request, app_context.settings)
    wanted = _wanted(request)
    last = _last_event_id(request)
    subscription = streams.open(wanted)
    lost, backlog, subscription.after = _resumed(streams, last)
    return EventStream(streams, subscription, lost, [update for update in backlog if wanted.lets_pass(update)])


class EventStream(StreamingResponse):
    """The answer of one subscription, which is closed however the answer ends, also before its first byte."""

    def __init__(
        self,
        streams: Streams,
        subscription: Subscription,
        lost: dict[str, Any] | None,
        backlog: Sequence[IntentUpdate],
    ) -> None:
        events = _events(streams.updates.run_id, subscription, lost, backlog)
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._close = partial(streams.close, subscription)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


async def _events(
    run_id: str, subscription: Subscription, lost: dict[str, Any] | None, backlog: Sequence[IntentUpdate]
) -> AsyncIterator[bytes]:
    yield _RECONNECT + (b"\n" if backlog or lost is not None else _place(run_id, subscription))
    if lost is not None:
        yield _missed(**lost)
    for begin in range(0, len(backlog), _AT_ONCE):
        yield b"".join(told(update, run_id) for update in backlog[begin : begin + _AT_ONCE])
    while not subscription.ended:
        dropped, updates = await subscription.take(HEARTBEAT_S)
        if dropped:
            yield _missed(dropped, "slow_consumer")
        if updates:
            yield b"".join(told(update, run_id) for update in updates)
        elif not dropped and not subscription.ended:
            yield _HEARTBEAT + _place(run_id, subscription)


def _place(run_id: str, subscription: Subscription) -> bytes:
    """Where a consumer is that heard nothing: it resumes from here, and not from its last event long ago."""
    return b"id: %s-%d\n\n" % (run_id.encode(), subscription.after)


def _missed(updates: int | None, reason: str) -> bytes:
    return b"event: missed\ndata: %s\n\n" % orjson.dumps({"updates": updates, "reason": reason})


def _resumed(streams: Streams, last: tuple[str, int] | None) -> tuple[dict[str, Any] | None, list[IntentUpdate], int]:
    """What was missed since `last`, the kept updates after it, and the sequence with which the stream goes on."""
    updates = streams.updates
    if last is None:
        return None, [], updates.last_sequence
    run_id, sequence = last
    if run_id != updates.run_id or sequence > updates.last_sequence:
        kept = updates.since(0)
        return {"updates": None, "reason": "server_restarted"}, kept, kept[-1].sequence if kept else 0
    kept = updates.since(sequence)
    if not kept:
        return None, [], sequence
    gap = kept[0].sequence - sequence - 1
    return ({"updates": gap, "reason": "away_too_long"} if gap else None), kept, kept[-1].sequence


def _last_event_id(request: Request) -> tuple[str, int] | None:
    """The process and the sequence of the last event that the consumer saw, told by header or by query.

    One that is none of ours is of an earlier server: a browser that is refused does not come back.
    """
    text = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    if not text:
        return None
    run_id, _, sequence = text.rpartition("-")
    readable = sequence.isascii() and sequence.isdigit() and len(sequence) < 19
    return (run_id, int(sequence)) if readable else ("", 0)


def _wanted(request: Request) -> UpdateFilter:
    query = request.query_params
    events = query.get("events", "changes")
    if events not in {"changes", "all"}:
        raise ApiError(400, "invalid_query", "events is 'changes' or 'all'.", field="events", value=events)
    return UpdateFilter(
        intents=frozenset(repeated(request, "intent")),
        previous=frozenset(repeated(request, "previous")),
        visitor_ids=frozenset(repeated(request, "visitor_id")),
        min_score=_score(query.get("min_score", "0")),
        only_changes=events == "changes",
    )


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise ApiError(400, "invalid_query", "min_score is a number from 0 to 1.", field="min_score", value=text)
    return score
