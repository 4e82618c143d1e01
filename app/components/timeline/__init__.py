"""The intent timeline: a visitor's events over the probability of every intent at each of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = (
    "scale.js",
    "track.js",
    "marks.js",
    "lanes.js",
    "feed.js",
    "stacks.js",
    "paint.js",
    "paint_marks.js",
    "overview.js",
    "tip.js",
    "detail.js",
    "steps.js",
    "tools.js",
    "pointer.js",
    "keys.js",
    "permalink.js",
    "export.js",
    "listing.js",
    "timeline.js",
)

_mount = define_component(Path(__file__).parent, SCRIPTS)


def timeline(data: Mapping[str, Any], *, key: str) -> Any:
    """Mount the timeline; the result's `go` is the link followed in this very run ({page, query}), or null.

    Its browser fetches events and probabilities itself (see `app.api.timeline`) and keeps its view in the address.

    Arguments:
        data: `visitor`, `person` (whether all visitors that are the same person are shown), `marks` (short names by
            visitor_id where they are several), `language`, `texts`, `types`, `intents`, `retired` (intents of
            labels alone), `models` ([{id, name}], the champion first),
            `champion` (its id, or null), `days` ([[day, events]] of all there are), `total` (events), `post` (`events`,
            `scores`: where to ask, and `token`), `links` (page to url), `view` (what the address asks for: session,
            event, until, from, to, scale, model, model2, lit) and `stamp` (where it changes, all is loaded and placed
            anew).
        key: Names this timeline in the session state.
    """
    return _mount(data=dict(data), key=key, on_go_change=lambda: None)
