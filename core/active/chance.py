"""Chance that can be told again: numbers that stand for their parts."""

import hashlib


def unit(*parts: str) -> float:
    """A number in [0, 1) that is the same for the same parts, and unlike any other's."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
