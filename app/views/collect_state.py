"""What the Collect page remembers between two runs: the key just made or revoked, the posts just decided on."""

from dataclasses import dataclass

import streamlit as st

_MADE, _REVOKED = "collect.made", "collect.revoked"
_DECIDED, _PUT_AWAY = "collect.decided", "collect.put_away"


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


def last_decided() -> str:
    """What became of the posts that were set aside, in words, after a press on this page."""
    return str(st.session_state.get(_DECIDED, ""))


def keep_decided(words: str) -> None:
    """Remember what became of them; "": forget it."""
    st.session_state[_DECIDED] = words


def last_put_away() -> tuple[int, ...]:
    """The numbers of the posts put away last on this page, while that can be undone here."""
    found: tuple[int, ...] = st.session_state.get(_PUT_AWAY, ())
    return found


def keep_put_away(numbers: tuple[int, ...]) -> None:
    """Remember which posts were put away; (): forget them."""
    st.session_state[_PUT_AWAY] = numbers
