"""POST /v1/batch and POST /v1/track, /page, /screen, /identify, /alias, /group: Segment's HTTP tracking API."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_access
from app.api.body import read_json
from app.api.collector import Collected, Refusal, collect
from app.api.errors import ApiError, error_body
from app.api.messages import Batch
from app.context import AppContext
from core.store.ingest_queries import submit_events

MESSAGE_ROUTES = {f"/v1/{kind}": kind for kind in ("track", "page", "screen", "identify", "alias", "group")}
"""Paths that take one message each, and the type they give it."""


@dataclass(frozen=True)
class _Stored:
    added: int
    duplicates: int
    refusals: tuple[Refusal, ...]


async def post_batch(request: Request) -> Response:
    """Store a batch; 200 after the commit, with every refused message named."""
    app_context: AppContext = request.app.state.context
    check_access(request, app_context.settings)
    batch = Batch.model_validate(await read_json(request))
    messages = [_with_shared_context(message, batch.context) for message in batch.batch]
    return JSONResponse(_stored_body(await _store(app_context, messages, batch.sentAt)))


async def post_message(request: Request) -> Response:
    """Store one message; 200 after the commit, 400 when it was refused."""
    app_context: AppContext = request.app.state.context
    check_access(request, app_context.settings)
    message = await read_json(request)
    if not isinstance(message, dict):
        raise ApiError(400, "invalid_body", "The body is not a JSON object.")
    message = message | {"type": MESSAGE_ROUTES[request.url.path]}
    stored = await _store(app_context, [message], message.get("sentAt"))
    for refusal in stored.refusals:
        raise ApiError(400, refusal.reason, refusal.message, field=refusal.field, value=refusal.value)
    return JSONResponse(_stored_body(stored))


async def _store(app_context: AppContext, messages: Sequence[Any], sent_at: Any) -> _Stored:
    sent = parse_sent_at(sent_at)
    received_at = app_context.clock()
    collected: Collected = await run_in_threadpool(collect, messages, received_at=received_at, sent_at=sent)
    future = submit_events(app_context.warehouse, collected.events, rejected=collected.rejected, items=collected.items)
    count = await asyncio.wrap_future(future)
    return _Stored(count.added, count.duplicates, collected.refusals)


def parse_sent_at(text: Any) -> datetime | None:
    """The client's clock at sending, as naive UTC; None when absent or unreadable, and then no skew is corrected."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _with_shared_context(message: Any, shared: dict[str, Any] | None) -> Any:
    """A batch may carry a context for all its messages; a message's own wins."""
    if not shared or not isinstance(message, dict):
        return message
    own = message.get("context")
    return message | {"context": shared | (own if isinstance(own, dict) else {})}


def _stored_body(stored: _Stored) -> dict[str, Any]:
    return {
        "success": True,
        "added": stored.added,
        "duplicates": stored.duplicates,
        "rejected": [{"index": r.index, **error_body(r.reason, r.message, r.field, r.value)} for r in stored.refusals],
    }
