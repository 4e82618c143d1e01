"""The labeler: a queue of sessions in the browser, labelled by single keys, saved behind the scenes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = (
    "outbox.js",
    "delivery.js",
    "history.js",
    "supply.js",
    "keys.js",
    "suggestion.js",
    "note.js",
    "lane.js",
    "card.js",
    "drawer.js",
    "markdown.js",
    "guidelines.js",
    "bar.js",
    "help.js",
    "target.js",
    "labeler.js",
)

_mount = define_component(Path(__file__).parent, SCRIPTS)


def labeler(data: Mapping[str, Any], *, key: str, on_sync: Callable[[], None]) -> None:
    """Mount the labeler.

    Arguments:
        data: `annotator`, `language`, `texts`, `types` (names of event types), `intents`, `retired` (those not
            offered any more, for labels that carry them), `guidelines` (`url`, and `version` of those that hold now),
            `queue` (cards to add to the browser's; a card's `suggestion` is {intent, score, agent, blind, planted}
            or null), `exhausted` (no more to come), `target` (the event or span under the hand at first: `session_id`,
            `event_id`, `until`; or null), `progress` ({intent: {sessions, events}}) and `post` (`url` and `token`:
            where the browser sends what the annotator did; `cards` and `desk`: where it asks for more of them; see
            `app.api.labels`).
        key: Names this labeler in the session state; another annotator needs another key.
        on_sync: Called when the API brings no cards and the browser sends `st.session_state[key].sync`: `wanted` (cards
            wanted) and `loaded` (ids of sessions it holds that are not known to be done).
    """
    _mount(data=dict(data), key=key, on_sync_change=on_sync)
