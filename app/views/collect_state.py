"""What the Collect page remembers between two runs: the key just made, and the one just revoked."""

from dataclasses import dataclass

import streamlit as st

_MADE, _REVOKED = "collect.made", "collect.revoked"


@dataclass(frozen=True)
class MadeKey:
    """A key whose secret this page still knows."""

    key_id: str
    source: str
    secret: str


def made_key() -> MadeKey | None:
    """The key made last on this page, until its secret is put away."""
    found: MadeKey | None = st.session_state.get(_MADE)
    return found


def keep_made(key: MadeKey | None) -> None:
    """Remember a key's secret; None: forget it."""
    st.session_state[_MADE] = key


def revoked_key() -> str | None:
    """The key_id revoked last on this page, while that can be undone here."""
    found: str | None = st.session_state.get(_REVOKED)
    return found


def keep_revoked(key_id: str | None) -> None:
    """Remember a revocation; None: forget it."""
    st.session_state[_REVOKED] = key_id
