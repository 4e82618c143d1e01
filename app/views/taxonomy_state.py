"""What the Intents page remembers between two runs: the last edit and how to undo it, and which intent is at hand."""

from collections.abc import Sequence

import streamlit as st

from app.address import keep
from app.components.parts import sentence
from app.context import context
from app.guard import guard
from app.i18n import t
from app.views.taxonomy_words import act_words
from core.errors import InvalidTaxonomyError
from core.intents.editing import Edit
from core.intents.intent import Intent, Taxonomy, by_id
from core.intents.taxonomy import load_taxonomy
from core.intents.versions import Version, edit_taxonomy, newest_version, restore_version

_UNDO, _TURN = "taxonomy.undo", "taxonomy.turn"


def turn() -> int:
    """Counts the edits: after one, the widgets have other keys and show what holds now."""
    return int(st.session_state.get(_TURN, 0))


def whole() -> Taxonomy:
    """All intents there ever were."""
    return load_taxonomy(context().warehouse, inactive=True)


def at_hand(taxonomy: Taxonomy) -> Intent | None:
    """The intent that the address names (?intent=); None for none, or one that there is not."""
    return by_id(taxonomy).get(st.query_params.get("intent", ""))


def change(edits: Sequence[Edit], *, author: str, intent: str | None = None) -> bool:
    """Make edits as one version, and offer to undo them; False where they cannot be made, and the page says why.

    Args:
        intent: to be at hand afterwards.
    """
    try:
        made = edit_taxonomy(context().warehouse, edits, author=author)
    except InvalidTaxonomyError as error:
        st.error(sentence(str(error)), icon=":material/error:")
        return False
    _remember(made, author)
    if intent is not None:
        keep("intent", intent)
    return True


def _remember(made: Version, author: str) -> None:
    """Offer to undo a version."""
    st.session_state[_UNDO] = (made, author)
    st.session_state[_TURN] = turn() + 1


def restore(number: int, author: str) -> None:
    """Let an earlier version hold again."""
    with guard():
        _remember(restore_version(context().warehouse, number, author=author), author)


def offer_undo() -> None:
    """The last edit of this page and its undo button, as long as nobody has edited since."""
    if _UNDO not in st.session_state:
        return
    made, author = st.session_state[_UNDO]
    newest = newest_version(context().warehouse)
    words = "; ".join(act_words(act) for act in made.acts)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check_circle: {t('taxonomy.done', what=words)}", width="content")
        if newest is not None and newest.number == made.number:
            st.button(t("taxonomy.undo"), icon=":material/undo:", on_click=_undo, args=(made.number - 1, author))


def _undo(before: int, author: str) -> None:
    with guard():
        restore_version(context().warehouse, before, author=author)
        del st.session_state[_UNDO]
        st.session_state[_TURN] = turn() + 1
