"""The one JSON shape of every error: {"error": {"code", "message", "field"?, "value"?}}."""

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from core.errors import (
    BrokenCheckpointError,
    IntentLensError,
    InvalidEventError,
    NoModelError,
    NotFoundError,
    OverloadedError,
    WarehouseWriteError,
)

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = "2"
"""Sent with every 503: when a client may ask again."""

_VALUE_LIMIT = 200
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 400: "bad_request", 413: "body_too_large"}
_STATUS_OF_ERRORS: tuple[tuple[type[IntentLensError], int, str], ...] = (
    (NotFoundError, 404, "not_found"),
    (NoModelError, 503, "no_model"),
    (BrokenCheckpointError, 503, "broken_model"),
    (WarehouseWriteError, 503, "not_writable"),
    (OverloadedError, 503, "overloaded"),
    (InvalidEventError, 400, "invalid_event"),
    (IntentLensError, 400, "invalid_request"),
)


class ApiError(Exception):
    """An answer other than 200, as the client sees it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        value: Any = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.value = value
        self.retry_after_s = retry_after_s


def error_body(code: str, message: str, field: str | None = None, value: Any = None) -> dict[str, Any]:
    """The error object; `field` and `value` only where known, long values cut."""
    body: dict[str, Any] = {"code": code, "message": message}
    if field is not None:
        body["field"] = field
    if value is not None:
        body["value"] = value if isinstance(value, int | float | bool) else str(value)[:_VALUE_LIMIT]
    return body


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    field: str | None = None,
    value: Any = None,
    retry_after_s: int | None = None,
) -> JSONResponse:
    """An answer in the error shape."""
    headers: Mapping[str, str] | None = None
    if retry_after_s is not None:
        headers = {"Retry-After": str(retry_after_s)}
    elif status == 503:
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
    elif status == 401:
        headers = {"WWW-Authenticate": 'Basic realm="IntentLens"'}
    return JSONResponse({"error": error_body(code, message, field, value)}, status, headers)


def on_api_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an ApiError."""
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class only
    return error_response(
        error.status,
        error.code,
        error.message,
        field=error.field,
        value=error.value,
        retry_after_s=error.retry_after_s,
    )


def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what Starlette refuses itself: unknown paths and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _HTTP_CODES.get(error.status_code, "http_error")
    message = f"{request.method} '{request.url.path}' is not answered here: {error.detail}."
    return error_response(error.status_code, code, message, field="path", value=request.url.path)


def on_known_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of ours by its kind."""
    for kind, status, code in _STATUS_OF_ERRORS:
        if isinstance(error, kind):
            return error_response(status, code, str(error))
    raise error


def code_and_message(error: IntentLensError) -> tuple[str, str]:
    """An error of ours that is told beside an answer."""
    return next(code for kind, _, code in _STATUS_OF_ERRORS if isinstance(error, kind)), str(error)


def on_invalid_body(request: Request, error: Exception) -> JSONResponse:
    """Answer a body that does not fit its schema, by the first thing wrong with it."""
    assert isinstance(error, ValidationError)  # noqa: S101
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    value = None if isinstance(first.get("input"), dict | list) else first.get("input")
    return error_response(400, "invalid_body", f"{first['msg']} ({field or 'body'}).", field=field, value=value)


def on_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what nobody foresaw: logged with its traceback, told without inner details."""
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    message = "The server failed on this request; its log says why. The request may be sent again."
    return error_response(500, "internal_error", message)


EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    ApiError: on_api_error,
    HTTPException: on_http_error,
    IntentLensError: on_known_error,
    ValidationError: on_invalid_body,
    Exception: on_unexpected_error,
}
"""Handlers of the API application."""
