"""Item pictures from a zip archive: checked, made small and encoded anew; nothing of the file as given stays."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image, ImageOps

from core.errors import UnreadableFileError

SIDE = 64
"""Width and height of a kept picture, in pixels."""

MOST_PIXELS = 50_000_000
MOST_PICTURES = 500_000
LARGEST_PICTURE = 32 * 1024 * 1024
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow raises on damaged files of these formats."""


@dataclass(frozen=True)
class Picture:
    """An item's picture as a small PNG; `name` follows from its content and is safe as a file name."""

    item_id: str
    name: str
    png: bytes


@dataclass(frozen=True)
class RefusedPicture:
    """A member of the archive that was not taken, and why."""

    file_name: str
    reason: str
    message: str


def is_archive(path: Path) -> bool:
    """Whether the file is a zip archive."""
    return path.is_file() and zipfile.is_zipfile(path)


def picture_names(path: Path) -> list[str]:
    """The archive's members that are pictures by their ending.

    Raises:
        UnreadableFileError: it is broken, an Excel file, holds no pictures or too many.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFileError(f"'{path.name}' is no whole zip archive ({error}); pack it again.") from error
    if "[Content_Types].xml" in members:
        raise UnreadableFileError(f"'{path.name}' is an Excel or Word file; save the sheet as 'CSV UTF-8'.")
    names = [name for name in members if _is_picture(name)]
    if not names:
        raise UnreadableFileError(
            f"'{path.name}' is a zip archive without pictures, expected files such as ITEM_ID.jpg; "
            f"if it holds a table, unpack it and import that."
        )
    if len(names) > MOST_PICTURES:
        raise UnreadableFileError(
            f"'{path.name}' holds {len(names):,} pictures, expected at most {MOST_PICTURES:,}; import it in parts."
        )
    return names


def read_pictures(path: Path) -> Iterator[Picture | RefusedPicture]:
    """Every picture of an archive, one at a time; its file name without folder and ending is the item_id."""
    names = picture_names(path)
    with zipfile.ZipFile(path) as archive:
        for name in names:
            yield _read(archive, name)


def small_png(data: bytes) -> bytes:
    """A picture's bytes as a PNG of SIDE x SIDE pixels, fitted in on white.

    Raises:
        UnreadableFileError: no picture, broken, or of more than MOST_PIXELS pixels (a decompression bomb).
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_large(f"{picture.width} x {picture.height}")
            picture.thumbnail((4 * SIDE, 4 * SIDE))  # first of all: what follows copies it in full colour
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            flat = Image.alpha_composite(white, upright).convert("RGB")
            small = ImageOps.pad(flat, (SIDE, SIDE), color="white")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large("far too many") from error
    except _BROKEN as error:
        raise UnreadableFileError(f"The picture cannot be read ({error}); export it again as PNG or JPEG.") from error
    stream = io.BytesIO()
    small.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _read(archive: zipfile.ZipFile, name: str) -> Picture | RefusedPicture:
    size = archive.getinfo(name).file_size
    if size > LARGEST_PICTURE:
        message = f"'{name}' unpacks to {size:,} bytes, expected at most {LARGEST_PICTURE:,}."
        return RefusedPicture(name, "picture_too_large", message)
    try:
        with archive.open(name) as member:
            png = small_png(member.read(LARGEST_PICTURE))
    except UnreadableFileError as error:
        return RefusedPicture(name, "unreadable_picture", str(error))
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:  # RuntimeError: encrypted
        return RefusedPicture(name, "unreadable_picture", f"'{name}' cannot be unpacked ({error}).")
    return Picture(PurePosixPath(name).stem, f"{hashlib.sha256(png).hexdigest()[:32]}.png", png)


def _too_large(size: str) -> UnreadableFileError:
    return UnreadableFileError(f"The picture has {size} pixels, expected at most {MOST_PIXELS:,}; make it smaller.")


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() in _ENDINGS and not hidden
