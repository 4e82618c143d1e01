"""Text made comparable: NFKC, no control characters, single spaces, empty is null."""

import pyarrow as pa
import pyarrow.compute as pc

_CONTROL = r"[\p{Cc}\x{FEFF}\x{200B}\x{202A}-\x{202E}\x{2066}-\x{2069}]+"
"""Control characters, the byte order mark, zero-width space and text-direction overrides."""


def storable(text: str) -> str:
    """The text with lone surrogates, which JSON can carry but UTF-8 cannot, replaced by question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def clean_text(column: pa.Array) -> pa.Array:
    """Normalise a string column ([N] string -> [N] string); doing it twice changes nothing.

    NFKC folds full-width letters and digits (Unicode Annex 15), which Chinese keyboards produce.
    """
    if column.null_count == len(column):
        return column
    if not pc.all(pc.string_is_ascii(column)).as_py():
        column = pc.utf8_normalize(column, form="NFKC")
    spaced = pc.replace_substring_regex(column, pattern=_CONTROL, replacement=" ")
    single = pc.utf8_trim_whitespace(pc.replace_substring_regex(spaced, pattern=r"\s+", replacement=" "))
    return pc.if_else(pc.equal(pc.binary_length(single), 0), pa.scalar(None, pa.string()), single)
