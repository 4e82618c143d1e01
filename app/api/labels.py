"""POST /v1/labels: what an annotator's browser (or a program) did, into the journal, durable before the answer.

The labeler posts here and not through its component's channel, where every batch costs a run of the page's script.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.api.body import read_json
from app.api.messages import LabelBatch
from app.context import AppContext
from app.views.label_journal import Saved, progress_by_intent, save_operations
from core.store.warehouse import Warehouse

LABELS_URL = "/v1/labels"


async def post_labels(request: Request) -> Response:
    """Save the operations; the answer names those that are durable, those never taken, and the progress since."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    batch = LabelBatch.model_validate(await read_json(request))
    saved, progress = await run_in_threadpool(_save, app_context.warehouse, batch)
    app_context.learning.notice()
    return JSONResponse({"acknowledged": saved.acknowledged, "refused": saved.refused, "progress": progress})


def _save(warehouse: Warehouse, batch: LabelBatch) -> tuple[Saved, dict[str, dict[str, int]]]:
    saved = save_operations(warehouse, batch.operations, annotator=batch.annotator)
    return saved, progress_by_intent(warehouse, batch.annotator)
