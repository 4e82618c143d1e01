"""Who may write events and read intents: who knows the API key, and everyone on a loopback-only server without one."""

import base64
import hmac
import re

from starlette.requests import Request

from app.api.errors import ApiError
from app.page_token import is_page_token
from core.errors import ServerAddressError
from core.settings import Settings

_OWN_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)
"""A Host header by which a machine means itself."""

PAGE_TOKEN_HEADER = "x-page-token"  # noqa: S105 - its name, not its value


def refuse_open_server(settings: Settings) -> None:
    """Keep a server without a key from listening to other machines.

    Raises:
        ServerAddressError: the host is not loopback and no API key is set.
    """
    if settings.is_loopback or settings.api_key:
        return
    raise ServerAddressError(
        f"host is '{settings.host}', which other machines can reach, but no API key is set. "
        "Set INTENTLENS_API_KEY to a long random word, or listen on 127.0.0.1."
    )


def check_access(request: Request, settings: Settings, *told: str | None) -> None:
    """Let the request pass if no key is set (then the server is loopback-only) or the request carries it.

    Without a key, whatever a tracker sends as its write key is welcome. `told`: keys found elsewhere than in headers.

    Raises:
        ApiError: 401 without the key or with another.
    """
    if not settings.api_key:
        return
    if any(_same(key, settings.api_key) for key in (*given_keys(request), *told) if key):
        return
    message = "The API key is missing or wrong; send it as Basic user name, as Bearer token or as X-API-Key."
    raise ApiError(401, "unauthorized", message)


def check_reading(request: Request, settings: Settings) -> None:
    """As `check_access`, where the answer tells of shoppers: without an API key, no foreign page in the browser of the
    server's owner may read it, nor one whose name was made to lead here (DNS rebinding). Any may send events.

    Raises:
        ApiError: 401 without the key, 403 for a page of another server where none is set.
    """
    check_access(request, settings)
    if settings.api_key or not ("origin" in request.headers or "sec-fetch-site" in request.headers):
        return
    host = request.headers.get("host", "")
    origin = request.headers.get("origin", f"http://{host}").partition("://")[2]
    if origin != host or not _OWN_HOST.fullmatch(host):
        message = "A page of another server may read intents only with the API key; set INTENTLENS_API_KEY."
        raise ApiError(403, "foreign_page", message, field="Origin", value=request.headers.get("origin", host))


def check_page_access(request: Request, settings: Settings) -> None:
    """Let one of our own pages pass by its token, and any other program as `check_access` does.

    A browser names the page a request comes from; without the token that page is not ours, or older than the server.

    Raises:
        ApiError: 403 for a page without the token, 401 for a program without the API key.
    """
    if is_page_token(request.headers.get(PAGE_TOKEN_HEADER, "")):
        return
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        message = "This page was not opened from this server, or before its last start; reload it."
        raise ApiError(403, "foreign_page", message)
    check_access(request, settings)


def given_keys(request: Request) -> list[str]:
    """The keys in a request's headers: X-API-Key, a Bearer token, the user name of Basic authentication."""
    keys = request.headers.getlist("x-api-key")
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        keys.append(credentials.strip())
    elif scheme.lower() == "basic":
        keys.append(_basic_user(credentials))
    return keys


def _basic_user(credentials: str) -> str:
    """The user name, which is Segment's write key; its password is empty."""
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except ValueError:  # neither base64 nor text
        return ""
    return decoded.partition(":")[0]


def _same(given: str, expected: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), expected.encode("utf-8", "backslashreplace"))
