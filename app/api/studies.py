"""/v1/studies: what speaks for each intent over many sessions, measured by a job: start one, follow it, read it.

All of it is for the shop's own programs: a page of another site, open in the same browser, is refused.
"""

import threading
from datetime import datetime
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.access import check_page_access
from app.api.body import read_json
from app.api.chosen import chosen, limit_of, model_or_champion, one_of
from app.api.errors import ApiError
from app.api.explain import Explainers
from app.api.messages import StudyOrder
from app.context import AppContext
from core.errors import JobFailedError, NotFoundError
from core.jobs.progress import RunStatus, State

STUDIES_URL = "/v1/studies"
STUDY_URL = "/v1/studies/{study_id}"
CANCEL_URL = f"{STUDY_URL}/cancel"
RESULT_URL = f"{STUDY_URL}/result"
USUALLY_LISTED, MOST_LISTED = 100, 1_000
STATES: tuple[str, ...] = get_args(State)
_KIND = "explain"
_STARTING = threading.Lock()
"""Held from the look at what runs to the start: two orders of one model at the same time start one study."""


async def get_studies(request: Request) -> Response:
    """All studies, the newest first."""
    app_context = _context(request)
    state = one_of(request, "status", STATES)
    limit = limit_of(request, MOST_LISTED) or USUALLY_LISTED
    model = request.query_params.get("model")
    return JSONResponse({"studies": await run_in_threadpool(_list, app_context, model, state, limit)})


async def post_study(request: Request) -> Response:
    """Queue a study; 202 with where it is told of."""
    app_context = _context(request)
    order = StudyOrder.model_validate(await read_json(request))
    study = await run_in_threadpool(_start, app_context, order)
    return JSONResponse(study, 202, {"Location": _url(study["study_id"])})


async def get_study(request: Request) -> Response:
    """Where one study is."""
    app_context, study_id = _context(request), request.path_params["study_id"]
    return JSONResponse(await run_in_threadpool(_one, app_context, study_id))


async def post_cancel(request: Request) -> Response:
    """Ask a study to stop; 202 with where it is."""
    app_context, study_id = _context(request), request.path_params["study_id"]
    return JSONResponse(await run_in_threadpool(_cancel, app_context, study_id), 202)


async def get_result(request: Request) -> Response:
    """What a finished study found: all of it, or the parts and intents that are asked for."""
    app_context, study_id = _context(request), request.path_params["study_id"]
    parts, intents = chosen(request, "part"), chosen(request, "intent")
    limit = limit_of(request)
    explainers: Explainers = request.app.state.explainers
    return JSONResponse(await explainers.run(lambda: _result(app_context, study_id, parts, intents, limit)))


def _context(request: Request) -> AppContext:
    app_context: AppContext = request.app.state.context
    check_page_access(request, app_context.settings)
    return app_context


def _url(study_id: str) -> str:
    return f"{STUDIES_URL}/{study_id}"


def _list(app_context: AppContext, model: str | None, state: str | None, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for run in app_context.jobs.runs():
        if run.kind != _KIND or len(found) == limit:
            continue
        try:
            study = _body(app_context, run)
        except JobFailedError:  # a damaged folder hides no other study
            continue
        if model in (None, study["model"]) and state in (None, study["status"]):
            found.append(study)
    return found


def _start(app_context: AppContext, order: StudyOrder) -> dict[str, Any]:
    """Queue the study.

    Raises:
        ApiError: 404 no such model, 400 it knows no intents or there is no such method, 409 it is being studied.
        NoModelError: none is named and none serves.
    """
    _check_method(order.method)
    model = model_or_champion(app_context.warehouse, order.model)
    arguments = {"sessions": order.sessions, "method": order.method, "prefixes": order.prefixes}
    with _STARTING:
        for state in ("running", "queued"):
            for other in _list(app_context, model.model_id, state, 1):
                raise _already_running(model.model_id, other["study_id"], order.model)
        run_id = app_context.jobs.start(_KIND, arguments, base_model=model.folder, seed=order.seed)
    return _one(app_context, run_id)


def _already_running(model_id: str, study_id: str, asked: str | None) -> ApiError:
    message = f"The model '{model_id}' is being studied already by '{study_id}'; wait for it, or cancel it."
    where = {"Location": _url(study_id)}
    return ApiError(409, "already_running", message, field="model", value=asked, headers=where)


def _check_method(name: str) -> None:
    from core.explain.methods.registry import method_named  # torch and captum, only once someone asks why

    try:
        method_named(name)
    except NotFoundError as error:
        raise ApiError(400, "invalid_body", str(error), field="method", value=name) from error


def _run(app_context: AppContext, study_id: str) -> RunStatus:
    """Raises: ApiError of a run that is not there, or is no study."""
    message = f"There is no study '{study_id}'; GET {STUDIES_URL} lists those there are."
    try:
        run = app_context.jobs.status(study_id)
    except NotFoundError as error:
        raise ApiError(404, "not_found", message, field="study_id", value=study_id) from error
    if run.kind != _KIND or run.run_id != study_id:
        raise ApiError(404, "not_found", message, field="study_id", value=study_id)
    return run


def _one(app_context: AppContext, study_id: str) -> dict[str, Any]:
    return _body(app_context, _run(app_context, study_id))


def _cancel(app_context: AppContext, study_id: str) -> dict[str, Any]:
    study = _one(app_context, study_id)
    if study["status"] not in {"queued", "running"}:
        message = f"The study '{study_id}' is {study['status']} and cannot be cancelled any more."
        raise ApiError(409, "already_over", message, field="study_id", value=study_id)
    app_context.jobs.stop(study_id)
    return _one(app_context, study_id)


def _result(
    app_context: AppContext, study_id: str, parts: list[str], intents: list[str], limit: int | None
) -> dict[str, Any]:
    """Raises: ApiError of a study without a result, or without an intent that is asked for."""
    from core.explain.study.report import read_report  # torch, only once someone asks why
    from core.explain.study.told import PARTS, to_dict

    if unknown := [part for part in parts if part not in PARTS]:
        message = f"There is no part '{unknown[0]}' of a study, expected {', '.join(PARTS)}."
        raise ApiError(400, "invalid_query", message, field="part", value=unknown[0])
    study = _one(app_context, study_id)
    report = read_report(app_context.jobs.output(study_id)) if study["status"] == "finished" else None
    if report is None:
        why = f" ({study['error']})" if study["error"] else ""
        message = f"The study '{study_id}' is {study['status']}{why} and has no result, expected a finished one."
        raise ApiError(409, "no_result", message, field="study_id", value=study_id)
    known = sorted({*report.predictions["intent"]})
    if absent := [intent for intent in intents if intent not in known]:
        message = f"The model says '{absent[0]}' in no session of the study, expected {', '.join(known)}."
        raise ApiError(404, "not_found", message, field="intent", value=absent[0])
    return {"study_id": study_id} | to_dict(report, parts or PARTS, intents or None, limit)


def _body(app_context: AppContext, run: RunStatus) -> dict[str, Any]:
    """What is told of a study. Raises: JobFailedError of a run without usable orders."""
    spec = app_context.jobs.spec(run.run_id)
    waits = run.status == "finished" and not app_context.jobs.is_settled(run)  # for the server to keep what it found
    counts = {name: run.result[name] for name in ("sessions", "rationales", "prefixes") if name in run.result}
    return {
        "study_id": run.run_id,
        "model": None if spec.base_model is None else spec.base_model.name,
        "method": spec.arguments.get("method"),
        "sessions": spec.arguments.get("sessions"),
        "prefixes": spec.arguments.get("prefixes"),
        "seed": spec.seed,
        "status": "running" if waits else run.status,
        "phase": run.phase,
        "step": run.step,
        "total": run.total,
        "progress": run.progress,
        "eta_s": run.eta_s,
        "created_at": _iso(run.created_at),
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "error": run.error,
        "measured": counts or None,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds") + "Z"
