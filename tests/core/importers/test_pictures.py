"""Pictures: small, encoded anew, and never able to fill memory or leave their folder."""

import contextlib
import io
import resource
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import UnreadableFileError
from core.importers.pictures import (
    LARGEST_PICTURE,
    SIDE,
    Picture,
    RefusedPicture,
    is_archive,
    picture_names,
    read_pictures,
    small_png,
)


def encoded(kind: str = "PNG", size: tuple[int, int] = (30, 20), mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    color: object = (200, 10, 10, 255)[: len(mode)] if mode.startswith("RGB") else 1
    Image.new(mode, size, color).save(stream, kind)  # type: ignore[arg-type]
    return stream.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "L"), ("WEBP", "RGB"), ("GIF", "P")]
)
def test_any_picture_becomes_a_small_png(kind: str, mode: str) -> None:
    with Image.open(io.BytesIO(small_png(encoded(kind, mode=mode)))) as small:
        assert (small.format, small.size, small.mode) == ("PNG", (SIDE, SIDE), "RGB")


def test_a_large_picture_is_made_small_without_copies_in_full_colour() -> None:
    data = encoded("GIF", (7_000, 7_000), mode="P")
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    small_png(data)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    assert grown_mb < 150, "49 MB of pixels, and no copies of 196 MB"


def test_what_is_transparent_becomes_white() -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(stream, "PNG")
    with Image.open(io.BytesIO(small_png(stream.getvalue()))) as small:
        assert small.getpixel((SIDE // 2, SIDE // 2)) == (255, 255, 255)


@pytest.mark.parametrize("side", [8_000, 11_000, 30_000])
def test_a_decompression_bomb_is_refused_without_unpacking(side: int) -> None:
    with pytest.raises(UnreadableFileError, match="pixels"):
        small_png(bomb(side, side))


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP"]), st.integers(0, 60))
def test_damaged_bytes_are_a_picture_or_a_named_error(noise: bytes, kind: str, start: int) -> None:
    whole = encoded(kind)
    with contextlib.suppress(UnreadableFileError):
        assert small_png(whole[:start] + noise + whole[start + len(noise) :]).startswith(b"\x89PNG")


def test_names_follow_from_content_and_items_from_file_names(tmp_path: Path) -> None:
    members = {"shop/i1.png": encoded(), "../../i2.PNG": encoded(), "i/3.jpeg": encoded("JPEG", (9, 9))}
    pictures = list(read_pictures(packed(tmp_path / "p.zip", members)))
    assert all(isinstance(picture, Picture) for picture in pictures)
    named = [(picture.item_id, picture.name) for picture in pictures if isinstance(picture, Picture)]
    assert [item for item, _ in named] == ["i1", "i2", "3"]
    assert named[0][1] == named[1][1] != named[2][1]
    assert all(name.removesuffix(".png").isalnum() for _, name in named)


def test_a_bad_picture_is_refused_alone(tmp_path: Path) -> None:
    members = {
        "good.png": encoded(),
        "words.jpg": b"no picture",
        "bomb.png": bomb(30_000, 30_000),
        "zeros.png": b"\0" * (LARGEST_PICTURE + 1),
        "read me.txt": b"",
        "__MACOSX/._good.png": b"",
    }
    read = list(read_pictures(packed(tmp_path / "p.zip", members)))
    assert [(member.file_name, member.reason) for member in read if isinstance(member, RefusedPicture)] == [
        ("words.jpg", "unreadable_picture"),
        ("bomb.png", "unreadable_picture"),
        ("zeros.png", "picture_too_large"),
    ]
    assert [member.item_id for member in read if isinstance(member, Picture)] == ["good"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"events.csv": b"a,b"}, "without pictures"),
        ({"[Content_Types].xml": b"", "xl/media/image1.png": b""}, "Excel"),
    ],
)
def test_an_archive_of_something_else_is_named(members: dict[str, bytes], words: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=words):
        picture_names(packed(tmp_path / "p.zip", members))


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.zip", {"a.png": encoded()})
    data = bytearray(path.read_bytes())
    data[30:60] = b"\xff" * 30
    path.write_bytes(bytes(data))
    [member] = read_pictures(path)
    assert isinstance(member, RefusedPicture)
    assert not is_archive(tmp_path / "absent.zip")
    path.write_bytes(b"PK\x03\x04 and no more")
    assert not is_archive(path)
    with pytest.raises(UnreadableFileError, match="zip"):
        picture_names(path)
