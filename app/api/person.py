"""GET /v1/visitors/{visitor_id}/person: who else a visitor was."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_access
from app.api.messages import Id
from app.context import AppContext
from core.errors import NotFoundError
from core.store.person_queries import PersonVisitor, person_visitors, visitors_of_person
from core.store.session_queue import settle_sessions
from core.store.warehouse import Warehouse

PERSON_URL = "/v1/visitors/{visitor_id:path}/person"
_ID: TypeAdapter[str] = TypeAdapter(Id)


async def get_person(request: Request) -> Response:
    """All visitors known to be the same person, by any of their ids."""
    app_context: AppContext = request.app.state.context
    check_access(request, app_context.settings)
    visitor_id = _ID.validate_python(request.path_params["visitor_id"])
    return JSONResponse(await run_in_threadpool(_person, app_context.warehouse, visitor_id))


def _person(warehouse: Warehouse, visitor_id: str) -> dict[str, Any]:
    settle_sessions(warehouse, person_visitors(warehouse, visitor_id))
    visitors = visitors_of_person(warehouse, visitor_id)
    if len(visitors) == 1 and not visitors[0].sessions:
        raise NotFoundError(f"There is no event of visitor '{visitor_id}', nor was it linked to anybody.")
    return {"visitor_id": visitor_id, "visitors": [_visitor(one) for one in visitors]}


def _visitor(one: PersonVisitor) -> dict[str, Any]:
    return {
        "visitor_id": one.visitor_id,
        "sessions": one.sessions,
        "events": one.events,
        "first_at": _iso(one.first_at),
        "last_at": _iso(one.last_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds") + "Z"
