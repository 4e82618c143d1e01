"""What a browser uploads, as a file of its own name in the data folder."""

import shutil
import time
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.context import context

_KEPT_S = 24 * 3600
_COPY_BLOCK = 4 * 1024 * 1024


def stored_upload(uploaded: UploadedFile) -> Path:
    """The upload's path, copied once; what was left there for a day is thrown away."""
    uploads = context().settings.home / "uploads"
    path: Path = uploads / uploaded.file_id / Path(uploaded.name).name
    if not path.is_file():
        _forget_abandoned(uploads)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        uploaded.seek(0)
        with part.open("wb") as target:
            while block := uploaded.read(_COPY_BLOCK):
                target.write(block)
        part.replace(path)
    return path


def _forget_abandoned(uploads: Path) -> None:
    """Delete uploads that were looked at but not imported for a day."""
    for folder in uploads.glob("*"):
        if folder.stat().st_mtime < time.time() - _KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
