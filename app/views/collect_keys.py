"""The write keys on the Collect page: who uses them, and their revocation, which can be undone."""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.components.parts import download_table, plain, shown_table
from app.context import context
from app.i18n import t
from app.views.collect_state import keep_made, keep_revoked, made_key, revoked_key
from core.clock import utc_now
from core.collect.key_usage import Usage
from core.collect.write_keys import WriteKey, list_write_keys, restore_write_key, revoke_write_key
from core.store.arrival_queries import newest_arrival

LOOK_EVERY_S = 5.0
_COLUMNS = ("source", "key_id", "last_used_at", "last_minute", "last_hour", "limit", "created_at", "revoked_at")


def render_keys() -> None:
    """Draw the section."""
    st.subheader(t("collect.keys"), anchor=False, help=t("collect.usage_help"))
    keys = list_write_keys(context().settings.home)
    if not keys:
        st.caption(t("collect.no_keys"))
        return
    _table(keys, {key.key_id: newest_arrival(context().warehouse, key.source) for key in keys if _usage(key) is None})
    _revoke([key for key in keys if key.revoked_at is None])
    _undo(keys)


@st.fragment(run_every=LOOK_EVERY_S)  # type: ignore[untyped-decorator]
def _table(keys: list[WriteKey], before: Mapping[str, datetime | None]) -> None:
    """The table, by the clock; `before`: when the sources of keys that were not used since the start sent last."""
    rows = [_row(key, before.get(key.key_id)) for key in reversed(keys)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    shown_table(frame, column_config={name: t(f"collect.column_{name}") for name in _COLUMNS})
    download_table(frame, "write_keys")


def _usage(key: WriteKey) -> Usage | None:
    return context().key_usage.of(key.key_id, utc_now())


def _row(key: WriteKey, before: datetime | None) -> dict[str, object]:
    usage = _usage(key)
    last = usage.last_used_at if usage else before
    return {
        "source": key.source,
        "key_id": key.key_id,
        "last_used_at": last.strftime("%Y-%m-%d %H:%M:%S") if last else None,
        "last_minute": usage.last_minute if usage else 0,
        "last_hour": usage.last_hour if usage else 0,
        "limit": key.events_per_second or context().settings.collect_events_per_second or None,
        "created_at": key.created_at.replace("T", " "),
        "revoked_at": (key.revoked_at or "").replace("T", " ") or None,
    }


def _revoke(active: list[WriteKey]) -> None:
    """The choice of a key, and the second press that revokes it."""
    if not active:
        return
    by_id = {key.key_id: key for key in reversed(active)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choose_and_revoke(by_id)


def _choose_and_revoke(by_id: Mapping[str, WriteKey]) -> None:
    chosen = by_id[
        kept_choice(
            "key", t("collect.key"), list(by_id), lambda key_id: f"{by_id[key_id].source} · {key_id}", width=320
        )
    ]
    with st.popover(t("collect.revoke"), icon=":material/block:"):
        st.markdown(t("collect.revoke_sure", key_id=chosen.key_id, source=plain(chosen.source)))
        if st.button(
            t("collect.revoke_now", key_id=chosen.key_id), type="primary", key=f"collect.revoke.{chosen.key_id}"
        ):
            revoke_write_key(context().settings.home, chosen.key_id, now=utc_now())
            keep_revoked(chosen.key_id)
            made = made_key()
            if made is not None and made.key_id == chosen.key_id:
                keep_made(None)
            st.rerun()


def _undo(keys: list[WriteKey]) -> None:
    key = next((key for key in keys if key.key_id == revoked_key() and key.revoked_at is not None), None)
    if key is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("collect.revoked", key_id=key.key_id, source=plain(key.source)), width="content")
        if st.button(t("collect.undo"), icon=":material/undo:"):
            restore_write_key(context().settings.home, key.key_id)
            keep_revoked(None)
            st.toast(t("collect.restored", key_id=key.key_id))
            st.rerun()
