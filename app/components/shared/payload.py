"""What every component is given besides its own data: words, intents and the names of event types."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.i18n import language, t
from app.intent_names import intent_name
from core.events.schema import EVENT_TYPES
from core.intents.taxonomy import Intent

CATALOGUE_FOLDER = Path(__file__).parents[2] / "i18n" / "en"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LOCALES = {"en": "en", "zh": "zh-CN"}


@lru_cache
def _component_keys(area: str) -> dict[str, tuple[str, ...]]:
    """The keys `<area>.component.*` and the placeholders of each."""
    catalogue = json.loads((CATALOGUE_FOLDER / f"{area}.json").read_text(encoding="utf-8"))
    prefix = f"{area}.component."
    return {
        key.removeprefix(prefix): tuple(_PLACEHOLDER.findall(text))
        for key, text in catalogue.items()
        if key.startswith(prefix)
    }


def component_texts(area: str) -> dict[str, str]:
    """The words of a component in the reader's language, their placeholders left for the browser to fill."""
    return {
        key: t(f"{area}.component.{key}", **{name: f"{{{name}}}" for name in placeholders})
        for key, placeholders in _component_keys(area).items()
    }


def event_type_names() -> dict[str, str]:
    """Each event type in the reader's language."""
    return {event_type: t(f"visitor.type.{event_type}") for event_type in EVENT_TYPES}


def intent_records(intents: tuple[Intent, ...]) -> list[dict[str, Any]]:
    """The intents as components want them; the name of one not offered any more says so."""
    spoken = language()
    return [
        {
            "id": intent.id,
            "key": intent.key,
            "name": intent_name(intent),
            "definition": intent.definition.get(spoken, intent.definition["en"]),
            "color": intent.color,
            "color_dark": intent.color_dark,
        }
        for intent in intents
    ]


def locale() -> str:
    """The reader's language as browsers name it, for numbers and dates."""
    return _LOCALES.get(language(), "en")
