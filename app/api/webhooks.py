"""/v1/webhooks: where changes of intents are told, what is on its way there, and what was given up.

All of it is for the shop's own programs: a page of another site, open in the same browser, is refused.
"""

from dataclasses import asdict
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.api.body import read_json
from app.api.errors import ApiError
from app.api.messages import NewWebhook, WebhookChange
from app.context import AppContext
from core.store.webhook_queries import (
    DeliveryRow,
    DeliveryStatus,
    WebhookRow,
    count_deliveries,
    delete_webhook,
    get_webhook,
    list_deliveries,
    list_webhooks,
)
from core.webhooks.webhook import change_webhook, create_webhook

WEBHOOKS_URL = "/v1/webhooks"
WEBHOOK_URL = "/v1/webhooks/{webhook_id}"
MOST_LISTED = 1_000


async def get_webhooks(request: Request) -> Response:
    """All webhooks, without their secrets, with how much is due and how much was given up."""
    app_context = _context(request)
    return JSONResponse({"webhooks": await run_in_threadpool(_all, app_context)})


async def post_webhook(request: Request) -> Response:
    """Keep a new webhook; 201 with its secret, which is shown this once."""
    app_context = _context(request)
    asked = NewWebhook.model_validate(await read_json(request))
    row = await run_in_threadpool(lambda: create_webhook(app_context.warehouse, **asked.model_dump()))
    return JSONResponse(_webhook_body(row) | {"secret": row.secret}, 201)


async def get_one_webhook(request: Request) -> Response:
    """One webhook."""
    app_context, webhook_id = _context(request), request.path_params["webhook_id"]
    return JSONResponse(await run_in_threadpool(_one, app_context, webhook_id))


async def patch_webhook(request: Request) -> Response:
    """Change what is given."""
    app_context, webhook_id = _context(request), request.path_params["webhook_id"]
    changes = WebhookChange.model_validate(await read_json(request)).model_dump(exclude_unset=True)
    await run_in_threadpool(change_webhook, app_context.warehouse, webhook_id, changes)
    app_context.webhooks.sender.wake()  # one that was switched on may have messages that wait
    return JSONResponse(await run_in_threadpool(_one, app_context, webhook_id))


async def remove_webhook(request: Request) -> Response:
    """Forget a webhook and what was to be delivered to it."""
    app_context, webhook_id = _context(request), request.path_params["webhook_id"]
    await run_in_threadpool(get_webhook, app_context.warehouse, webhook_id)
    await run_in_threadpool(delete_webhook, app_context.warehouse, webhook_id)
    return Response(status_code=204)


async def post_test(request: Request) -> Response:
    """Send a message without updates."""
    app_context, webhook_id = _context(request), request.path_params["webhook_id"]
    row = await run_in_threadpool(app_context.webhooks.send_test, webhook_id)
    return JSONResponse(_delivery_body(row), 202)


async def get_deliveries(request: Request) -> Response:
    """Messages on their way and dead letters, the newest first."""
    app_context, webhook_id = _context(request), request.path_params["webhook_id"]
    status, limit = _status(request), _limit(request)
    await run_in_threadpool(get_webhook, app_context.warehouse, webhook_id)
    rows = await run_in_threadpool(list_deliveries, app_context.warehouse, webhook_id, status, limit)
    return JSONResponse({"deliveries": [_delivery_body(row) for row in rows]})


async def post_retry(request: Request) -> Response:
    """Try a message again now, with all its tries before it."""
    app_context = _context(request)
    webhook_id, delivery_id = request.path_params["webhook_id"], request.path_params["delivery_id"]
    row = await run_in_threadpool(app_context.webhooks.send_again, webhook_id, delivery_id)
    return JSONResponse(_delivery_body(row), 202)


def _context(request: Request) -> AppContext:
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    return app_context


def _all(app_context: AppContext) -> list[dict[str, Any]]:
    counts = count_deliveries(app_context.warehouse)
    return [_webhook_body(row, counts) for row in list_webhooks(app_context.warehouse)]


def _one(app_context: AppContext, webhook_id: str) -> dict[str, Any]:
    return _webhook_body(get_webhook(app_context.warehouse, webhook_id), count_deliveries(app_context.warehouse))


def _webhook_body(row: WebhookRow, counts: dict[tuple[str, str], int] | None = None) -> dict[str, Any]:
    body = asdict(row)
    del body["secret"]
    counted = counts or {}
    return body | {
        "intents": list(row.intents),
        "previous": list(row.previous),
        "created_at": row.created_at.isoformat(timespec="milliseconds") + "Z",
        "due": counted.get((row.webhook_id, "due"), 0),
        "dead": counted.get((row.webhook_id, "dead"), 0),
    }


def _delivery_body(row: DeliveryRow) -> dict[str, Any]:
    body = asdict(row)
    for name in ("next_try_at", "created_at", "tried_at"):
        body[name] = body[name] and body[name].isoformat(timespec="milliseconds") + "Z"
    return body | {"next_try_at": body["next_try_at"] if row.status == "due" else None}


def _status(request: Request) -> DeliveryStatus | None:
    text = request.query_params.get("status")
    for status in get_args(DeliveryStatus):
        if text == status:
            found: DeliveryStatus = status
            return found
    if text is None:
        return None
    raise ApiError(400, "invalid_query", "status is 'due' or 'dead'.", field="status", value=text)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "100")
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST_LISTED:
        return int(text)
    message = f"limit is a number from 1 to {MOST_LISTED}."
    raise ApiError(400, "invalid_query", message, field="limit", value=text)
