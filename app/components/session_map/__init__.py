"""The map of sessions: a point each on a canvas, coloured by a category, with lasso, box, pan and zoom.

A canvas of our own instead of a Plotly figure: Plotly sends every selected point back through the socket (3 MB for
20,000), needs WebGL, and has no lasso for fingers. Here the browser sends the outline alone, and the server finds what
lies inside, also of the sessions that are not drawn.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.components.shared import define_component

SCRIPTS = ("view.js", "session_map.js")

_mount = define_component(Path(__file__).parent, SCRIPTS)


def session_map(
    data: Mapping[str, Any], *, key: str, on_outlined: Callable[[], None], on_opened: Callable[[], None]
) -> None:
    """Mount the map.

    Arguments:
        data: `language`, `texts`, `categories` ([{name, color, color_dark}]), `places` (x, y as int16 a point, -32000
            to 32000), `shades` (the place of each point's category), `events` (of the session, 255 for more; these
            three are bytes in base64), `session_ids` (joined by newlines), `outline` ([[x, y], …] in the same unit, or
            null) and `hidden` (categories not shown).
        key: Names this map in the session state.
        on_outlined: Called when sessions are outlined: `st.session_state[key].outlined` is {outline, hidden}, with
            an empty outline when it is cleared.
        on_opened: Called when a point is clicked: `st.session_state[key].opened` is {session_id}.
    """
    _mount(data=dict(data), key=key, on_outlined_change=on_outlined, on_opened_change=on_opened)
