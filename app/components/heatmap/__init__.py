"""The heatmap: signed attributions of one prediction, event by field, as an accessible table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("heatmap.js",)

_mount = define_component(Path(__file__).parent, SCRIPTS)


def heatmap(data: Mapping[str, Any], *, key: str) -> None:
    """Mount the heatmap.

    Arguments:
        data: `language`, `texts`, `types`, `intent` ({id, name}), `fields` ([{id, name, help}]), `rows` (one an event:
            {event_id, session_id, t, type, subject, cells}, `cells` being the value of each field in words), `values`
            ([T][F], in units of probability) and `first` (the row where the explained session begins).
        key: Names this heatmap in the session state.
    """
    _mount(data=dict(data), key=key)
