"""The what-if editor: a session's events to edit, and the probabilities before and after."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("edits.js", "bars.js", "form.js", "what_if.js")

_mount = define_component(Path(__file__).parent, SCRIPTS)


def what_if(data: Mapping[str, Any], *, key: str, on_edits: Callable[[], None]) -> None:
    """Mount the editor.

    Arguments:
        data: `language`, `texts`, `types`, `intents`, `edits` (JSON text), `version` (changes when `edits` shall
            replace what the browser has), `rows` (the events as edited, removed ones among them: {event_id, t, type,
            subject, item_id, query, text, price, currency, gap_s, mark, starts}), `before` and `after` (probabilities
            in the order of `intents`; `after` null where the edits cannot be), `error`, and `choices` ({types, items
            [[id, title]], queries}).
        key: Names this editor in the session state.
        on_edits: Called when an edit was made: `st.session_state[key].edits` is the JSON text of them all.
    """
    _mount(data=dict(data), key=key, on_edits_change=on_edits)
