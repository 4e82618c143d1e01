"""Sends each request where it belongs: our API, Streamlit's own files and sockets, a page, or 404."""

from collections.abc import Sequence

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import ApiError

_API_PATHS = frozenset(
    {
        "/v1",
        "/healthz",
        "/readyz",
        "/metrics",
        "/batch",
        "/capture",
        "/e",
        "/i/v0",
        "/track",
        "/mp",
        "/debug/mp",
    }
)
_API_PREFIXES = tuple(f"{path}/" for path in _API_PATHS)
_STREAMLIT_PREFIXES = ("/_stcore/", "/static/", "/media/", "/component/", "/vendor/", "/app/static/", "/auth/")
_STREAMLIT_PATHS = frozenset({"/", "/index.html", "/favicon.png", "/manifest.json", "/oauth2callback"})


class Gate:
    """ASGI middleware around Streamlit, which by itself answers any unknown path with its index page and 200."""

    def __init__(self, app: ASGIApp, *, api: ASGIApp, page_urls: Sequence[str], index: str) -> None:
        """Wrap `app`.

        Args:
            api: answers its own paths.
            page_urls: the pages' paths without slashes; the first is the default page, which Streamlit knows as / only.
            index: the HTML that every page begins with.
        """
        self._app = app
        self._api = api
        self._index = HTMLResponse(index, headers={"Cache-Control": "no-cache"})
        self._default = f"/{page_urls[0]}"
        self._pages = frozenset(f"/{url}" for url in page_urls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in _API_PATHS or scope["path"].startswith(_API_PREFIXES):
            await self._api(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"} and (scope["path"] == "/" or scope["path"] in self._pages):
            await self._answer_page(scope)(scope, receive, send)
        elif self._is_streamlits(scope["path"]):
            await self._app(scope, receive, send)
        else:
            await self._refuse(scope, receive, send)

    def _answer_page(self, scope: Scope) -> Response:
        if scope["path"] != self._default:
            return self._index
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse("/" + (f"?{query}" if query else ""), 302)

    def _is_streamlits(self, path: str) -> bool:
        return path in _STREAMLIT_PATHS or path.startswith(_STREAMLIT_PREFIXES) or path.rstrip("/") in self._pages

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        message = f"There is nothing at '{path[:200]}'; the pages are {', '.join(sorted(self._pages))}."
        await ApiError(404, "not_found", message, field="path", value=path).response()(scope, receive, send)
