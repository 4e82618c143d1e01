"""The labels that we put into a tool's file beside what the tool shows, found again when the file comes back.

A label that comes back as it went is the very annotation it was, with its time, note and client_id; one that was
changed in the tool is a new annotation of whoever changed it.
"""

from typing import Any

from core.intents.exchange.canonical import derived_id
from core.intents.exchange.format import Values

KEY = "intentlens"
"""Where a record keeps them."""


class Originals:
    """The labels of one record, each given out once."""

    def __init__(self, session_id: str, labels: Any) -> None:
        """
        Args:
            labels: what stands under KEY: a list of canonical lines without session_id, or anything else.
        """
        given = labels if isinstance(labels, list) else []
        self._session_id = session_id
        self._labels: list[Values] = [dict(label) for label in given if isinstance(label, dict)]

    def take_silent(self) -> list[Values]:
        """The labels without an intent (skipped, abstained), which a tool's file does not show."""
        silent = [label for label in self._labels if label.get("intent") is None]
        self._labels = [label for label in self._labels if label.get("intent") is not None]
        return [label | {"session_id": self._session_id} for label in silent]

    def resolve(
        self, event_id: str | None, intent: str, source: str, *, owner: str | None = None, **found: Any
    ) -> Values:
        """The canonical line of a label found in the record: the original where it says the same, else a new one.

        Args:
            source: format and id under which the tool keeps the label; it makes the new line's client_id.
            owner: whose label it is, where the tool's file is sure of that; None takes anybody's original.
            found: annotator, created_at, status and what else the tool tells of the label.
        """
        for place, label in enumerate(self._labels):
            same = label.get("event_id") == event_id and label.get("intent") == intent
            if same and owner in (None, label.get("annotator")):
                return self._labels.pop(place) | {"session_id": self._session_id}
        values: Values = {
            "target_kind": "session" if event_id is None else "event",
            "session_id": self._session_id,
            "event_id": event_id,
            "intent": intent,
        }
        said = (found.get("annotator"), found.get("created_at"), found.get("status"))
        return values | found | {"client_id": derived_id(source, self._session_id, event_id, intent, *said)}


def skipped(session_id: str, source: str, **found: Any) -> Values:
    """The canonical line of a session that was passed over in a tool."""
    values: Values = {"target_kind": "session", "session_id": session_id, "intent": None} | found
    said = (found.get("annotator"), found.get("created_at"))
    return values | {"status": "skipped", "client_id": derived_id(source, session_id, "skipped", *said)}
