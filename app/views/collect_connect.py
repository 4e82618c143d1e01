"""Connecting a tracker on the Collect page: a new write key, and snippets with it filled in."""

from urllib.parse import urlsplit

import streamlit as st

from app.address import kept_choice
from app.api.docs import DOCS_URL
from app.collect_snippets import KEY_PLACEHOLDER, snippets
from app.components.parts import plain, sentence
from app.context import context
from app.i18n import language, t
from app.views.collect_state import MadeKey, keep_made, keep_revoked, made_key
from core.clock import utc_now
from core.collect.broker.opening import shown_address
from core.collect.write_keys import LONGEST_SOURCE, create_write_key, list_write_keys
from core.errors import InvalidWriteKeyError


def render_connect() -> None:
    """Draw the section."""
    st.subheader(t("collect.connect"), anchor=False)
    has_keys = bool(list_write_keys(context().settings.home))
    if not has_keys:
        st.info(t("collect.open_collector"), icon=":material/lock_open:")
    _new_key()
    made = made_key()
    if made is not None:
        _show_once(made)
    _snippets(made, has_keys=has_keys)
    _api_documentation()


def _new_key() -> None:
    settings = context().settings
    with st.form("collect.new_key", clear_on_submit=True), st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.text_input(t("collect.source"), max_chars=LONGEST_SOURCE, help=t("collect.source_help"))
        limit = st.number_input(
            t("collect.limit"),
            0,
            1_000_000,
            step=100,
            help=t("collect.limit_help", n=settings.collect_events_per_second),
            width=180,
        )
        pressed = st.form_submit_button(t("collect.make"), type="primary", icon=":material/key:")
    if not pressed:
        return
    try:
        key, secret = create_write_key(settings.home, source, now=utc_now(), events_per_second=int(limit))
    except InvalidWriteKeyError as error:
        st.error(sentence(str(error)), icon=":material/error:")
        return
    keep_made(MadeKey(key.key_id, key.source, secret))
    keep_revoked(None)
    st.rerun()


def _show_once(made: MadeKey) -> None:
    with st.container(border=True):
        st.markdown(t("collect.made", source=plain(made.source)))
        st.code(made.secret, language=None)
        if st.button(t("collect.hide"), icon=":material/visibility_off:", type="tertiary"):
            keep_made(None)
            st.rerun()


def _snippets(made: MadeKey | None, *, has_keys: bool) -> None:
    settings = context().settings
    broker = shown_address(settings.broker_url) if settings.broker_url else None
    subject = settings.broker_subject.replace(">", "events").replace("*", "events")
    found = snippets(_address(), made.secret if made else KEY_PLACEHOLDER, broker, subject)
    tracker = kept_choice("tracker", t("collect.tracker"), list(found), str, segmented=True)
    if made is None:
        st.caption(t("collect.key_placeholder") if has_keys else t("collect.key_any"))
    else:
        st.caption(t("collect.key_filled"))
    for snippet in found[tracker]:
        if len(found[tracker]) > 1:
            st.caption(snippet.name)
        st.code(snippet.code, language=snippet.language, wrap_lines=True)


def _api_documentation() -> None:
    """The way from the snippets to everything else the server answers, in the reader's language."""
    address = f"{DOCS_URL}?lang={language()}"
    st.link_button(t("api_docs.link"), address, help=t("api_docs.help"), type="tertiary", icon=":material/api:")


def _address() -> str:
    """This server as the reader's browser reaches it."""
    shown = urlsplit(st.context.url or "")
    return f"{shown.scheme}://{shown.netloc}" if shown.netloc else f"http://127.0.0.1:{context().settings.port}"
