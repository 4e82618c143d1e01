"""Every intent there ever was, for the words of the Intents page."""

from app.context import context
from core.intents.intent import Intent, by_id
from core.intents.taxonomy import load_taxonomy


def known_intents() -> dict[str, Intent]:
    """By id."""
    return by_id(load_taxonomy(context().warehouse, inactive=True))
