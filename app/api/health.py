"""GET /healthz (the process answers) and GET /readyz (everything needed to answer well is there)."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.errors import ApiError
from app.context import AppContext


async def get_healthz(request: Request) -> Response:
    """200 as long as the process answers."""
    return JSONResponse({"status": "ok"})


async def get_readyz(request: Request) -> Response:
    """200 once the first start is through and the model, if there is one, is warm; else 503 with the reason."""
    app_context: AppContext = request.app.state.context
    reason = await run_in_threadpool(app_context.unready_reason)
    if reason is not None:
        raise ApiError(503, "not_ready", reason)
    return JSONResponse({"status": "ready", "model": app_context.models.state()})
