"""The intent timeline: a visitor's events over the probability of every intent at each of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("scale.js", "paint.js", "timeline.js")

_mount = define_component(Path(__file__).parent, SCRIPTS)


def timeline(data: Mapping[str, Any], *, key: str, on_chosen: Callable[[], None], on_go: Callable[[], None]) -> Any:
    """Mount the timeline; the result's `go` is the link followed in this very run, or null.

    Arguments:
        data: `visitor`, `language`, `texts`, `types`, `intents`, `events` (in order, with `t` in epoch milliseconds),
            `probabilities` (one list an event in the order of `intents`, or null), `annotations`, `session`,
            `selected` (event id), `links` (page to url) and `jump` (changes when the view shall be placed anew).
        key: Names this timeline in the session state.
        on_chosen: Called when an event is chosen: `st.session_state[key].chosen` is {event_id, session_id}.
        on_go: Called when a link is followed: `st.session_state[key].go` is {page, query}.
    """
    return _mount(data=dict(data), key=key, on_chosen_change=on_chosen, on_go_change=on_go)
