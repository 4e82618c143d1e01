"""Inside one event: what its words or the parts of its picture add, kept for who looks again."""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.context import context
from app.views.explain_choice import Choice
from core.events.schema import EVENT_COLUMNS


@st.cache_data(max_entries=256, show_spinner=False)  # type: ignore[untyped-decorator]
def explained_part(
    part: Literal["words", "regions"],
    digest: str,
    choice: Choice,
    event_id: str,
    _scorer: Any,
    _past: pd.DataFrame,
    _items: pd.DataFrame,
) -> Any:
    """EventWords or PictureRegions of the event.

    Args: digest: of what the model reads, by `stream_digest`.

    Raises:
        NotFoundError: it has no text, or no picture, that the model reads.
    """
    from core.explain.regions import explain_regions  # torch and captum, only once someone asks
    from core.explain.words import explain_words

    explain = explain_words if part == "words" else explain_regions
    asked = (_scorer, _past[list(EVENT_COLUMNS)], _items, context().settings.media_folder)
    return explain(*asked, event_id=event_id, intent=choice.intent_id, against=choice.against)
