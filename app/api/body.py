"""Reading a JSON request body: sizes bounded before and after decompression."""

import json
import zlib
from typing import Any

import orjson
from starlette.requests import Request

from app.api.errors import ApiError

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Largest body as sent; Segment's own limit is 500 KB a batch."""

MAX_JSON_BYTES = 16 * 1024 * 1024
"""Largest body after decompression."""


async def read_json(request: Request) -> Any:
    """The body as parsed JSON; `Content-Encoding: gzip` is understood.

    Raises:
        ApiError: 413 too large, 415 unknown encoding, 400 not gzip, not UTF-8 or not JSON.
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    data = await _read_bounded(request)
    if encoding in {"gzip", "x-gzip"}:
        data = _gunzip(data)
    elif encoding != "identity":
        raise ApiError(
            415, "unknown_encoding", "Send the body as it is or gzipped.", field="Content-Encoding", value=encoding
        )
    return _parse(data)


async def _read_bounded(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise _too_large(MAX_BODY_BYTES)
        parts.append(part)
    return b"".join(parts)


def _gunzip(data: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = reader.decompress(data, MAX_JSON_BYTES + 1)
    except zlib.error as error:
        raise ApiError(400, "invalid_gzip", f"The body is not gzip data: {error}.") from error
    if len(plain) > MAX_JSON_BYTES:
        raise _too_large(MAX_JSON_BYTES)
    if not reader.eof:
        raise ApiError(400, "invalid_gzip", "The gzip body ends too early; send it whole.")
    return plain


def _parse(data: bytes) -> Any:
    if not data.strip():
        raise ApiError(400, "invalid_json", "The body is empty, expected a JSON object.")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _parse_leniently(data)


def _parse_leniently(data: bytes) -> Any:
    """What orjson does not take, such as half a surrogate pair in a text cut in two; otherwise the exact fault."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ApiError(400, "invalid_json", f"The body is not UTF-8: byte {error.start} does not fit.") from error
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid_json", f"The body is not JSON: {error}.") from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"'{name}' is not a JSON number")


def _too_large(limit: int) -> ApiError:
    message = f"The body is larger than {limit // 1024 // 1024} MB; send smaller batches."
    return ApiError(413, "body_too_large", message)
