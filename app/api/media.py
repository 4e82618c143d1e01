"""GET /v1/media/{name}: product pictures of the media folder, by their safe names."""

import re
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.api.errors import ApiError
from app.context import AppContext

MAX_BYTES_AT_ONCE = 256 * 1024
"""Up to this size a picture is read in one go, faster than the hand-overs to threads that a stream takes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.(png|jpg|jpeg|webp)")
_CACHE = "public, max-age=86400"


async def get_media(request: Request) -> Response:
    """A picture, or 404; never anything outside the media folder."""
    app_context: AppContext = request.app.state.context
    name = request.path_params["name"]
    path = _picture_path(app_context.settings.media_folder, name)
    if path is None:
        raise ApiError(404, "not_found", f"There is no picture '{name[:200]}'.", field="name", value=name)
    headers = {"Cache-Control": _CACHE, "X-Content-Type-Options": "nosniff"}
    if path.stat().st_size > MAX_BYTES_AT_ONCE:
        return FileResponse(path, headers=headers)
    return Response(path.read_bytes(), media_type=guess_type(name)[0], headers=headers)


def _picture_path(folder: Path, name: str) -> Path | None:
    if not _NAME.fullmatch(name):
        return None
    path = (folder / name).resolve()
    return path if path.is_file() and path.parent == folder.resolve() else None
