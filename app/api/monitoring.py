"""GET /metrics, in Prometheus' text format."""

from prometheus_client.exposition import choose_encoder
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.api.access import check_reading
from app.api.metrics import Metrics
from app.context import AppContext


async def get_metrics(request: Request) -> Response:
    """All figures now; in OpenMetrics where it is asked for."""
    app_context: AppContext = request.app.state.context
    check_reading(request, app_context.settings)
    metrics: Metrics = request.app.state.metrics
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    body = await run_in_threadpool(encode, metrics.registry)
    return Response(body, headers={"Content-Type": content_type})
