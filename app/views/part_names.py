"""How fields, event types, transitions and words are called in charts and sentences."""

from collections.abc import Sequence

from app.components.parts import plain
from app.components.shared.payload import event_type_names
from app.i18n import t

MOST_BARS = 20
"""Of words or transitions in one chart; the download holds all."""
MOST_NAMED = 6
"""In a sentence."""
MOST_CHARACTERS = 28


def part_name(kind: str, name: str) -> str:
    """A field, event type, transition or word in the reader's language."""
    if kind == "field":
        return t(f"explain.field.{name}")
    if kind == "word":
        return name
    names = event_type_names()
    return " → ".join(names.get(one, one) for one in name.split(" → "))


def short_name(kind: str, name: str) -> str:
    """Cut where it is long: words that always occur together may be many."""
    called = part_name(kind, name)
    return called if len(called) <= MOST_CHARACTERS else f"{called[: MOST_CHARACTERS - 1]}…"


def listed(kind: str, names: Sequence[str]) -> str:
    """The first few, safe within Markdown, and how many more there are."""
    shown = t("evaluate_divergence.comma").join(plain(short_name(kind, name)) for name in names[:MOST_NAMED])
    left = len(names) - MOST_NAMED
    return t("evaluate_beside.more", parts=shown, n=left) if left > 0 else shown
