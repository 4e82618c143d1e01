"""GET /v1/docs: the document to read; a page of our own that needs no network, and its files."""

from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import ApiError

DOCS_URL = "/v1/docs"
FOLDER = Path(__file__).parent / "documentation"
FILES = ("docs.css", "docs.js", "en.json", "zh.json")

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}


async def get_docs(request: Request) -> Response:
    """The page."""
    return Response((FOLDER / "docs.html").read_bytes(), media_type="text/html", headers=_HEADERS)


async def get_docs_file(request: Request) -> Response:
    """One of its files."""
    name = request.path_params["name"]
    if name not in FILES:
        raise ApiError(404, "not_found", f"The documentation has no file '{name[:200]}'.", field="name", value=name)
    return Response((FOLDER / name).read_bytes(), media_type=guess_type(name)[0], headers=_HEADERS)
