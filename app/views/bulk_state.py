"""What the Map page remembers between two runs: the selection looked at, the intent chosen, the batch just applied."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.intents.bulk import BulkPreview, Selection, new_batch_id

_LOOKED, _OUTLINE, _OPENED, _INTENT, _DONE = (
    "bulk.looked",
    "bulk.outline",
    "bulk.opened",
    "bulk.intent",
    "bulk.done",
)


@dataclass(frozen=True)
class Looked:
    """A selection as it was looked at: what a batch will be about, under an id that counts once."""

    key: str
    selection: Selection
    preview: BulkPreview
    batch_id: str


def looked(key: str) -> Looked | None:
    """The selection that was looked at under this key; None where another one was, or none."""
    found: Looked | None = st.session_state.get(_LOOKED)
    return found if found is not None and found.key == key else None


def keep_looked(key: str, selection: Selection, preview: BulkPreview) -> Looked:
    """Freeze a selection."""
    kept = Looked(key, selection, preview, new_batch_id())
    st.session_state[_LOOKED] = kept
    choose_intent(None)
    return kept


def look_again() -> None:
    """The next run looks anew."""
    st.session_state.pop(_LOOKED, None)
    choose_intent(None)


def outline() -> dict[str, Any] | None:
    """What was outlined on the map: outline, hidden, color; None for nothing."""
    found: dict[str, Any] | None = st.session_state.get(_OUTLINE)
    return found


def keep_outline(drawn: dict[str, Any] | None) -> None:
    st.session_state[_OUTLINE] = drawn


def opened() -> str | None:
    """The session whose point was clicked."""
    found: str | None = st.session_state.get(_OPENED)
    return found


def open_session(session_id: str | None) -> None:
    st.session_state[_OPENED] = session_id


def chosen_intent() -> str | None:
    """The intent that waits to be confirmed."""
    found: str | None = st.session_state.get(_INTENT)
    return found


def choose_intent(intent: str | None) -> None:
    st.session_state[_INTENT] = intent


def done() -> str | None:
    """The batch applied last on this page."""
    found: str | None = st.session_state.get(_DONE)
    return found


def keep_done(batch_id: str | None) -> None:
    st.session_state[_DONE] = batch_id
