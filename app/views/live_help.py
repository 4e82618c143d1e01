"""How events come in, with this server's real address, and what the words of the Live page mean."""

import streamlit as st

from app.context import context
from app.i18n import t
from core.realtime.alarm_settings import AlarmSettings

CURL = """curl {address}/v1/track -H 'Content-Type: application/json'{key} -d '{{
  "type": "track", "event": "Product Viewed", "anonymousId": "visitor-1",
  "properties": {{"product_id": "sku-7", "name": "Walking shoes", "price": 59.9}}}}'"""

SNIPPET = """<script>
  const visitor = localStorage.visitor ||= crypto.randomUUID();
  fetch("{address}/v1/track", {{ method: "POST", keepalive: true, headers: {{ "Content-Type": "application/json" }},
    body: JSON.stringify({{ type: "track", event: "Product Viewed", anonymousId: visitor,
      properties: {{ product_id: "sku-7", name: "Walking shoes", price: 59.9 }}, {key}}}) }});
</script>"""


def render_sending() -> None:
    """Draw how to send events; open while nothing has come in since the start."""
    nothing_yet = context().updates.last_sequence == 0
    with st.expander(t("live.sending"), expanded=nothing_yet, icon=":material/sensors:"):
        st.markdown(t("live.sending_help"))
        needs_key = bool(context().settings.api_key) or context().write_keys.any()
        st.code(
            CURL.format(address=_address(), key=" -u WRITE_KEY:" if needs_key else ""), language="sh", wrap_lines=True
        )
        st.code(
            SNIPPET.format(address=_address(), key='writeKey: "WRITE_KEY" ' if needs_key else ""),
            language="html",
            wrap_lines=True,
        )
        if needs_key:
            st.caption(t("live.sending_key"))


def render_words() -> None:
    """Draw what the page's words mean."""
    settings: AlarmSettings = context().alarms.settings
    with st.expander(t("live.words"), icon=":material/help:"):
        st.markdown(t("live.words_body", minutes=settings.leave_after_minutes))


def _address() -> str:
    """As the reader's browser reaches this server."""
    url = st.context.url or ""
    parts = url.split("/")
    settings = context().settings
    return "/".join(parts[:3]) if len(parts) > 2 else f"http://{settings.host}:{settings.port}"
