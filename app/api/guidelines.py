"""GET /v1/guidelines: how to decide for or against each intent; a labeler fetches it once for each version."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.context import AppContext
from core.intents.intent import Intent, Words
from core.intents.taxonomy import current_version, load_taxonomy
from core.store.session_queries import visitors_of
from core.store.warehouse import Warehouse

GUIDELINES_URL = "/v1/guidelines"


async def get_guidelines(request: Request) -> Response:
    """The guidelines that hold now, in the language of `?lang=` (English where there is no such text)."""
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    language = request.query_params.get("lang", "en")
    return JSONResponse(await run_in_threadpool(_guidelines, app_context.warehouse, language))


def _guidelines(warehouse: Warehouse, language: str) -> dict[str, Any]:
    intents = load_taxonomy(warehouse)
    sessions = [example.session_id for intent in intents for example in intent.guideline.examples]
    visitors = visitors_of(warehouse, sessions)
    return {
        "version": current_version(warehouse).guideline_version,
        "intents": {intent.id: _guideline(intent, language, visitors) for intent in intents},
    }


def _guideline(intent: Intent, language: str, visitors: dict[str, str]) -> dict[str, Any]:
    guideline = intent.guideline
    return {
        "text": _said(guideline.text, language),
        "yes": _said(guideline.yes, language),
        "no": _said(guideline.no, language),
        "examples": [
            {
                "session_id": example.session_id,
                "visitor_id": visitors.get(example.session_id),
                "why": example.why,
                "positive": example.positive,
            }
            for example in guideline.examples
        ],
    }


def _said(words: Words, language: str) -> str:
    return words.get(language) or words.get("en", "")
