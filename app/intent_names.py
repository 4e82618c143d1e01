"""How intents are called and shown: those of today, and those that only labels and models of earlier days name."""

from collections.abc import Sequence

from app.context import context
from app.i18n import language, t
from core.intents.intent import Intent
from core.intents.taxonomy import load_taxonomy


def intent_name(intent: Intent) -> str:
    """The name in the reader's language, with what became of an intent that is not offered any more."""
    name = intent.name.get(language(), intent.name["en"])
    if intent.active:
        return name
    if intent.merged_into:
        return t("shell.intent_merged", name=name)
    return t("shell.intent_split" if intent.split_into else "shell.intent_retired", name=name)


def intent_names() -> dict[str, str]:
    """Every intent there ever was, by id; what a table or a sentence says of it."""
    return {intent.id: intent_name(intent) for intent in load_taxonomy(context().warehouse, inactive=True)}


def intents_beside(known: Sequence[str]) -> tuple[Intent, ...]:
    """The intents of today, and behind them those of `known` that are not offered any more."""
    taxonomy = load_taxonomy(context().warehouse, inactive=True)
    retired = tuple(intent for intent in taxonomy if not intent.active and intent.id in known)
    return (*(intent for intent in taxonomy if intent.active), *retired)
