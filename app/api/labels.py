"""POST /v1/labels: what an annotator's browser (or a program) did, into the journal, durable before the answer; and
POST /v1/labels/cards: the next sessions for a labeler that is open.

The labeler posts here and not through its component's channel, where every batch costs a run of the page's script.
"""

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.api.body import read_json
from app.api.messages import CardRequest, LabelBatch
from app.context import AppContext
from app.views.label_desk import LabelDesk, open_desk
from app.views.label_journal import Saved, progress_by_intent, save_operations
from core.store.warehouse import Warehouse

LABELS_URL = "/v1/labels"
CARDS_URL = "/v1/labels/cards"


async def post_labels(request: Request) -> Response:
    """Save the operations; the answer names those that are durable, those never taken, and the progress since."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    batch = LabelBatch.model_validate(await read_json(request))
    saved, progress = await run_in_threadpool(_save, app_context.warehouse, batch)
    app_context.learning.notice()
    return JSONResponse({"acknowledged": saved.acknowledged, "refused": saved.refused, "progress": progress})


async def post_cards(request: Request) -> Response:
    """The next cards of an open desk, leased to its annotator, and whether its queue has no more."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    asked = CardRequest.model_validate(await read_json(request))
    body = await run_in_threadpool(_bring, app_context.warehouse, open_desk(asked.desk), asked)
    return Response(body, media_type="application/json")


def _bring(warehouse: Warehouse, desk: LabelDesk, asked: CardRequest) -> bytes:
    """Written as JSON here too: it is long, and the labels' answers must not wait for it."""
    cards, exhausted = desk.bring(warehouse, asked.loaded, asked.wanted)
    return json.dumps({"cards": cards, "exhausted": exhausted}, ensure_ascii=False, allow_nan=False).encode()


def _save(warehouse: Warehouse, batch: LabelBatch) -> tuple[Saved, dict[str, dict[str, int]]]:
    saved = save_operations(warehouse, batch.operations, annotator=batch.annotator)
    return saved, progress_by_intent(warehouse, batch.annotator)
