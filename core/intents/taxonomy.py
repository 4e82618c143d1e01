"""The taxonomy as it is now: which intents there are, how they are named, defined, coloured, keyed and told apart."""

from dataclasses import replace
from typing import Any

from core.intents.default_guidelines import DEFAULT_GUIDELINES
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.intent import Intent, Taxonomy
from core.intents.versions import Version, append_version, newest_version, taxonomy_at
from core.store.taxonomy_queries import merges
from core.store.warehouse import Warehouse

__all__ = [
    "DEFAULT_TAXONOMY",
    "Intent",
    "current_version",
    "load_taxonomy",
    "merged_intents",
    "store_taxonomy",
]


def load_taxonomy(warehouse: Warehouse, *, inactive: bool = False) -> Taxonomy:
    """The active intents of the newest taxonomy version, in order; the default one is stored on first use.

    Args:
        inactive: those that are not offered any more too, whose labels stay.
    """
    taxonomy = taxonomy_at(warehouse, current_version(warehouse).number)
    return tuple(intent for intent in taxonomy if intent.active or inactive)


def current_version(warehouse: Warehouse) -> Version:
    """The version that holds now; the default taxonomy is stored on first use.

    A data folder made before there were guidelines gets ours for the intents it has of the default taxonomy.
    """
    newest = newest_version(warehouse)
    if newest is None:
        return append_version(warehouse, _first, "")
    return append_version(warehouse, _with_guidelines, "") if newest.is_bare else newest


def merged_intents(warehouse: Warehouse) -> dict[str, str]:
    """What the labels and probabilities of merged intents count as, by their id; empty where none is merged."""
    return merges(warehouse)


def store_taxonomy(warehouse: Warehouse, taxonomy: Taxonomy) -> None:
    """Keep the taxonomy as a new version as it is; older versions stay readable."""
    append_version(warehouse, lambda *_: (taxonomy, [{"kind": "store"}]), "")


def _first(newest: Version | None, _: Taxonomy) -> tuple[Taxonomy, list[dict[str, Any]]] | None:
    return (DEFAULT_TAXONOMY, [{"kind": "default"}]) if newest is None else None


def _with_guidelines(newest: Version | None, taxonomy: Taxonomy) -> tuple[Taxonomy, list[dict[str, Any]]] | None:
    if newest is None or not newest.is_bare:  # another thread was first
        return None
    return tuple(_with_guideline(intent) for intent in taxonomy), [{"kind": "add_guidelines"}]


def _with_guideline(intent: Intent) -> Intent:
    given = DEFAULT_GUIDELINES.get(intent.id)
    return replace(intent, guideline=given) if given and intent.guideline.is_empty else intent
