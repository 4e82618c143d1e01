"""Edits of the taxonomy in the reader's words."""

from collections.abc import Mapping
from typing import Any

from app.i18n import t
from app.intent_names import intent_name
from app.views.taxonomy_lookup import known_intents
from core.intents.colors import ColorWarning

KINDS = (
    *("add", "rename", "redefine", "recolor", "rekey", "reorder", "retire", "bring_back", "merge", "unmerge", "split"),
    *("guideline", "add_example", "remove_example", "replace", "default", "store", "before", "add_guidelines"),
)
"""All kinds of edits that the log can hold."""


def act_words(act: Mapping[str, Any]) -> str:
    """One edit of the log as a sentence."""
    kind, given = str(act["kind"]), act.get("intent")
    values = {
        "intent": _new_name(given) if isinstance(given, Mapping) else said(given),
        "into": said(act.get("into")),
        "name": _plain(act.get("name", "")),
        "language": act.get("language", ""),
        "cap": str(act.get("key", "")).upper(),
        "parts": ", ".join(_new_name(part) for part in act.get("parts", ())),
        "session": _plain(act.get("session_id") or act.get("example", {}).get("session_id", "")),
        "version": act.get("what", ""),
    }
    return t(f"taxonomy.act_{kind}" if kind in KINDS else "taxonomy.act_store", **values)


def warning_words(warning: ColorWarning) -> str:
    """One fault of the colours as a sentence."""
    scheme = t(f"taxonomy.scheme_{warning.scheme}")
    return t(f"taxonomy.color_{warning.problem}", intent=said(warning.intent), other=said(warning.other), scheme=scheme)


def said(intent_id: Any) -> str:
    """An intent's name, or the id of one that there is not."""
    intent = known_intents().get(str(intent_id))
    return _plain(intent_name(intent) if intent else str(intent_id or ""))


def _new_name(record: Mapping[str, Any]) -> str:
    return said(record.get("id"))


def _plain(text: Any) -> str:
    """A text as it is, whatever Markdown would make of it."""
    return "".join("\\" + letter if letter in "\\`*_{}[]#+!|~$:<>" else letter for letter in str(text))
