"""The live list of visitors: it asks the API each second by itself, so that no change costs a run of the page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("bars.js", "flow.js", "alarm_list.js", "rows.js", "live.js")

_mount = define_component(Path(__file__).parent, SCRIPTS)


def live(data: Mapping[str, Any], *, key: str, on_asked: Callable[[], None], on_go: Callable[[], None]) -> Any:
    """Mount the list; the result's `go` is the visitor opened in this very run, or null.

    Arguments:
        data: `language`, `texts`, `types` (names of event types), `intents`, `asked` ({minutes, intent, search, order}
            as the address says), `orders` (those to choose from), `windows` (minutes to choose from) and `post`
            (`url`, `acknowledge` and `token`: see `app.api.live`).
        key: Names this list in the session state.
        on_asked: Called when something else is asked for: `st.session_state[key].asked` is as `asked` above.
        on_go: Called when a visitor is opened: `st.session_state[key].go` is {visitor}.
    """
    return _mount(data=dict(data), key=key, on_asked_change=on_asked, on_go_change=on_go)
