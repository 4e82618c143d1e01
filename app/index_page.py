"""The HTML every page begins with: Streamlit's own, told where its server is."""

from pathlib import Path

import streamlit

_HEAD = "<head>"
_KNOWN_SERVER = "<script>window.__streamlit={BACKEND_BASE_URL:location.origin}</script>"
"""Without it a deep link such as /label first looks for a server below /label: two 404 in the browser's console."""


def index_page() -> str:
    """Streamlit's index page with the server's place written into its head."""
    html = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return html.replace(_HEAD, _HEAD + _KNOWN_SERVER, 1)
