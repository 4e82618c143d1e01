"""GET /v1/divergence: where two models answer otherwise on the same sessions, and what speaks for it in each."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.api.chosen import chosen, chosen_model, limit_of, model_or_champion
from app.api.errors import ApiError
from app.api.explain import Explainers
from app.context import AppContext
from app.models_apart import answers_apart, studies_apart
from core.store.warehouse import Warehouse

DIVERGENCE_URL = "/v1/divergence"
ANSWERS = "answers"
PARTS: tuple[str, ...] = (ANSWERS, "field", "type", "transition", "word")


async def get_divergence(request: Request) -> Response:
    """Compare `model`, or the one that serves, with `against`."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    parts, intents, limit = chosen(request, "part") or list(PARTS), chosen(request, "intent"), limit_of(request)
    if unknown := [part for part in parts if part not in PARTS]:
        message = f"There is no part '{unknown[0]}' of a divergence, expected {', '.join(PARTS)}."
        raise ApiError(400, "invalid_query", message, field="part", value=unknown[0])
    model, against = request.query_params.get("model"), request.query_params.get("against", "")
    if not against:
        raise ApiError(400, "invalid_query", "against is missing, expected a model's id.", field="against")
    explainers: Explainers = request.app.state.explainers
    warehouse = app_context.warehouse
    return JSONResponse(await explainers.run(lambda: _compare(warehouse, model, against, parts, intents, limit)))


def _compare(
    warehouse: Warehouse, model: str | None, against: str, parts: list[str], intents: list[str], limit: int | None
) -> dict[str, Any]:
    """Raises: ApiError of a model that is not there, or is set against itself. NoModelError: none serves."""
    first = model_or_champion(warehouse, model)
    second = chosen_model(warehouse, "against", against)
    if first.model_id == second.model_id:
        message = f"The model '{against}' is set against itself, expected another one."
        raise ApiError(400, "invalid_query", message, field="against", value=against)
    told: dict[str, Any] = {"model": first.model_id, "against": second.model_id}
    if ANSWERS in parts:
        told["answers"] = answers_apart(warehouse, first, second)
    kinds = [part for part in parts if part != ANSWERS]
    return told | ({"study": studies_apart(first, second, kinds, intents or None, limit)} if kinds else {})
