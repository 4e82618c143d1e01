"""The heatmap: signed attributions of one prediction, event by field, as an accessible table."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("picture.js", "table.js", "sight.js", "detail.js", "heatmap.js")

_mount = define_component(Path(__file__).parent, SCRIPTS)


def heatmap(
    data: Mapping[str, Any],
    *,
    key: str,
    on_looked: Callable[[], None] | None = None,
    on_go: Callable[[], None] | None = None,
) -> Any:
    """Mount the heatmap; the result's `go` is the link followed in this very run, or null.

    Arguments:
        data: `language`, `texts`, `types`, `intent` ({id, name}), `fields` ([{id, name, help}]), `rows` (one an event:
            {event_id, session_id, t, type, subject, cells, details}, `cells` being the value of each field in words and
            `details` all columns of each field as [name, value]), `values` ([T][F], in units of probability), `first`
            (the row where the explained session begins), `visitor`, `looked_at` (the event whose words and picture
            are shown, or null), `kind` (`curiosity`: shares of attention, which have no sign) and `name` (of downloaded
            files).
        key: Names this heatmap in the session state.
        on_looked: Called when an event shall be looked into: `st.session_state[key].looked` is its id. Without it
            there is no such button.
        on_go: Called when a link is followed: `st.session_state[key].go` is {page, query}. Without it there is none.
    """
    given: dict[str, Any] = {"can_look": on_looked is not None, "can_go": on_go is not None}
    heard: dict[str, Any] = {}
    if on_looked is not None:
        heard["on_looked_change"] = on_looked
    if on_go is not None:
        heard["on_go_change"] = on_go
    return _mount(data=dict(data) | given, key=key, **heard)
