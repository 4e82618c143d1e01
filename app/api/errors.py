"""The one JSON shape of every error: {"error": {"code", "message", "field"?, "value"?}}."""

import logging
import math
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
    InvalidWebhookError,
    InvalidWriteKeyError,
    NoModelError,
    NotFoundError,
    OverloadedError,
    WarehouseWriteError,
)

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 2
"""Sent with every 503: when a client may ask again."""

_VALUE_LIMIT = 200
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 400: "bad_request", 413: "body_too_large"}
_STATUS_OF_ERRORS: tuple[tuple[type[IntentLensError], int, str], ...] = (
    (NotFoundError, 404, "not_found"),
    (NoModelError, 503, "no_model"),
    (BrokenCheckpointError, 503, "broken_model"),
    (WarehouseWriteError, 503, "not_writable"),
    (OverloadedError, 503, "overloaded"),
    (InvalidWriteKeyError, 503, "unreadable_write_keys"),
    (InvalidEventError, 400, "invalid_event"),
    (InvalidWebhookError, 400, "invalid_webhook"),
    (IntentLensError, 400, "invalid_request"),
)


class ApiError(Exception):
    """An answer other than 200, as the client sees it; a 503 says by itself when to ask again."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        value: Any = None,
        retry_after_s: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = error_body(code, message, field, value)
        self.retry_after_s = retry_after_s if retry_after_s is not None or status != 503 else RETRY_AFTER_S

    def response(self) -> JSONResponse:
        """The answer in the error shape."""
        headers = dict(self.headers)
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="IntentLens"'
        return JSONResponse({"error": self.body}, self.status, headers)


def error_body(code: str, message: str, field: str | None = None, value: Any = None) -> dict[str, Any]:
    """The error object; `field` and `value` only where known, long values cut."""
    body: dict[str, Any] = {"code": code, "message": _sendable(message)}
    if field is not None:
        body["field"] = _sendable(field)
    if value is not None:
        body["value"] = value if _is_json_number(value) else _sendable(str(value)[:_VALUE_LIMIT])
    return body


def _sendable(text: str) -> str:
    """Half a surrogate pair, which UTF-8 cannot hold, written as its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_json_number(value: object) -> bool:
    """JSON knows no infinity, which a number such as 1e999 is read as."""
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def on_api_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an ApiError."""
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class only
    return error.response()


def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what Starlette refuses itself: unknown paths and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _HTTP_CODES.get(error.status_code, "http_error")
    message = f"{request.method} '{request.url.path}' is not answered here: {error.detail}."
    path = request.url.path
    return ApiError(error.status_code, code, message, field="path", value=path, headers=error.headers).response()


def on_known_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of ours by its kind."""
    return api_error(error).response()


def on_invalid_body(request: Request, error: Exception) -> JSONResponse:
    """Answer a body that does not fit its schema, by the first thing wrong with it."""
    return api_error(error).response()


def api_error(error: Exception) -> ApiError:
    """An error that a client may see, as it sees it. Raises what is none."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ValidationError):
        return _of_invalid_body(error)
    for kind, status, code in _STATUS_OF_ERRORS:
        if isinstance(error, kind):
            return ApiError(status, code, str(error))
    raise error


def _of_invalid_body(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    value = None if isinstance(first.get("input"), dict | list) else first.get("input")
    return ApiError(400, "invalid_body", f"{first['msg']} ({field or 'body'}).", field=field, value=value)


def on_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what nobody foresaw: logged with its traceback, told without inner details."""
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    message = "The server failed on this request; its log says why. The request may be sent again."
    return ApiError(500, "internal_error", message).response()


EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    ApiError: on_api_error,
    HTTPException: on_http_error,
    IntentLensError: on_known_error,
    ValidationError: on_invalid_body,
    Exception: on_unexpected_error,
}
"""Handlers of the API application."""
