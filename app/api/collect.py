"""What trackers post: Segment's and RudderStack's HTTP API, PostHog's capture API, GA4's Measurement Protocol."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_reading
from app.api.answers import intent_body
from app.api.body import read_json
from app.api.errors import ApiError, api_error, error_body
from app.api.following import Followed, store_and_follow
from app.api.messages import Batch, Ga4Body, PosthogBatch
from app.api.senders import Sender, check_rate, sender_of
from app.context import AppContext
from core.collect.bodies import parse_sent_at, with_shared_context
from core.collect.collector import Post
from core.collect.dialects import GA4, POSTHOG, SEGMENT, Dialect
from core.collect.intake import Receipt
from core.collect.receipts import Receipts

_KINDS = ("track", "page", "screen", "identify", "alias", "group")
MESSAGE_ROUTES = {f"/v1/{kind}": kind for kind in _KINDS} | {f"/v1/{kind[0]}": kind for kind in _KINDS}
"""Paths that take one message each, and the type they give it; browsers' libraries use the first letter."""

BATCH_ROUTES = ("/v1/batch", "/v1/b", "/v1/import")
POSTHOG_ROUTES = ("/batch", "/capture", "/e", "/i/v0/e", "/track")
GA4_ROUTES = ("/mp/collect", "/debug/mp/collect")


ANSWER_WITHIN_S = 5
"""Trackers wait 10 to 15 s; a disk slower than this is told them, and sending again is safe by the message's id."""


async def post_batch(request: Request) -> Response:
    """Store Segment's messages; 200 after the commit, with every refused message named."""
    app_context: AppContext = request.app.state.context
    body = await _read(request, app_context)
    sender = sender_of(request, app_context, _told(body, "writeKey"))
    batch = Batch.model_validate(body)
    messages = [with_shared_context(message, batch.context) for message in batch.batch]
    return await _store_and_answer(request, sender, messages, batch.sentAt)


async def post_message(request: Request) -> Response:
    """Store one message of Segment's; 200 after the commit, 400 when it was refused."""
    app_context: AppContext = request.app.state.context
    message = await _read(request, app_context)
    sender = sender_of(request, app_context, _told(message, "writeKey"))
    if not isinstance(message, dict):
        raise ApiError(400, "invalid_body", "The body is not a JSON object.")
    message = message | {"type": MESSAGE_ROUTES[request.url.path]}
    return await _store_and_answer(request, sender, [message], message.get("sentAt"), refuse=True)


async def post_posthog(request: Request) -> Response:
    """Store what PostHog's libraries send: one event, a list of events, or {"api_key", "batch": […]}."""
    app_context: AppContext = request.app.state.context
    body = await _read(request, app_context)
    body = {"batch": body} if isinstance(body, list) else body
    if isinstance(body, dict) and "batch" not in body and "event" in body:
        body = {"batch": [body], "api_key": body.get("api_key")} | _sent(body)
    sender = sender_of(request, app_context, _told(body, "api_key"), *_tokens(body))
    batch = PosthogBatch.model_validate(body)
    return _answer(await _store(request, sender, POSTHOG, batch.batch, batch.sent_at or batch.sentAt))


async def post_ga4(request: Request) -> Response:
    """Store a client's events; the protocol answers 204, also for events it does not take (they are kept as rejected).

    `/debug/mp/collect` names them instead.
    """
    app_context: AppContext = request.app.state.context
    sender = sender_of(request, app_context, request.query_params.get("api_secret"))
    body = Ga4Body.model_validate(await read_json(request))
    shared = body.model_dump(exclude={"events"}, exclude_none=True)
    messages = [shared | event if isinstance(event, dict) else event for event in body.events]
    receipt = await _store(request, sender, GA4, messages, None)
    return _answer(receipt) if request.url.path.startswith("/debug") else Response(status_code=204)


async def _store_and_answer(
    request: Request, sender: Sender, messages: Sequence[Any], sent_at: Any, *, refuse: bool = False
) -> Response:
    """Store Segment's messages; with `?intent=true` the answer has their visitors' intents after them.

    Args:
        refuse: answer 400 if a message was not taken.
    """
    wanted = _wants_intent(request)
    if wanted:
        check_reading(request, request.app.state.context.settings)
        followed = await _store_and_follow(request, sender, messages, sent_at)
    else:
        followed = Followed(await _store(request, sender, SEGMENT, messages, sent_at))
    if refuse:
        for refusal in followed.receipt.refusals:
            raise ApiError(400, refusal.reason, refusal.message, field=refusal.field, value=refusal.value)
    return _answer(followed.receipt, _intents(followed) if wanted else None)


def _wants_intent(request: Request) -> bool:
    told = request.query_params.get("intent", "false")
    if told not in {"true", "false"}:
        raise ApiError(400, "invalid_query", "intent is true or false.", field="intent", value=told)
    return told == "true"


def _intents(followed: Followed) -> dict[str, Any]:
    """`intents` of the answer, the shape of each as /v1/intent answers; and `intents_error` where they are missing."""
    body: dict[str, Any] = {"intents": [intent_body(intent) for intent in followed.intents]}
    if followed.error is not None:
        body["intents_error"] = api_error(followed.error).body
    return body


async def _read(request: Request, app_context: AppContext) -> Any:
    """The body, which may hold the key: who sends an unreadable one is told so only if the headers let him in."""
    try:
        return await read_json(request)
    except ApiError:
        sender_of(request, app_context)
        raise


def _receipts(request: Request) -> Receipts:
    """Those of the running event loop: a test's client may run several, one after the other."""
    state = request.app.state
    if getattr(state, "receipts_loop", None) is not asyncio.get_running_loop():
        state.receipts, state.receipts_loop = Receipts(state.context.intake), asyncio.get_running_loop()
    receipts: Receipts = state.receipts
    return receipts


async def _store(request: Request, sender: Sender, dialect: Dialect, messages: Sequence[Any], sent_at: Any) -> Receipt:
    post = _post(request, sender, dialect, messages, sent_at)
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            receipt = await _receipts(request).store(post)
    except TimeoutError:
        raise _slow() from None
    return receipt


async def _store_and_follow(request: Request, sender: Sender, messages: Sequence[Any], sent_at: Any) -> Followed:
    post = _post(request, sender, SEGMENT, messages, sent_at)
    try:
        followed = await store_and_follow(_receipts(request), request.app.state.context.live, post, ANSWER_WITHIN_S)
    except TimeoutError:
        raise _slow() from None
    return followed


def _post(request: Request, sender: Sender, dialect: Dialect, messages: Sequence[Any], sent_at: Any) -> Post:
    app_context: AppContext = request.app.state.context
    check_rate(app_context, sender, len(messages))
    now = app_context.clock()
    app_context.key_usage.note(sender.name, len(messages), now)
    return Post(messages, dialect, sender.source or dialect.name, now, parse_sent_at(sent_at))


def _slow() -> ApiError:
    message = f"Nothing was confirmed on disk within {ANSWER_WITHIN_S} s; send this again, it will be taken once."
    return ApiError(503, "slow", message)


def _tokens(body: Any) -> list[str | None]:
    """PostHog's browser library puts the key into each event's properties; the first one's stands for all."""
    batch = body.get("batch") if isinstance(body, dict) else None
    first = batch[0] if isinstance(batch, list) and batch else None
    return [_told(first, "api_key"), _told(first.get("properties") if isinstance(first, dict) else None, "token")]


def _told(body: Any, name: str) -> str | None:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def _sent(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("sent_at", "sentAt") if isinstance(body.get(name), str)}


def _answer(receipt: Receipt, further: dict[str, Any] | None = None) -> Response:
    body = {
        "success": True,
        "status": 1,  # what PostHog's older libraries look for
        "added": receipt.added,
        "duplicates": receipt.duplicates,
        "rejected": [{"index": r.index, **error_body(r.reason, r.message, r.field, r.value)} for r in receipt.refusals],
        **(further or {}),
    }
    return JSONResponse(body)
