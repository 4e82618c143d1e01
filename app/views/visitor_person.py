"""Who the Visitor page is about: the whole person, all visitors known to be the same, or one of them alone."""

from dataclasses import dataclass

import streamlit as st

from app.address import kept_choice
from app.components.parts import plain
from app.context import context
from app.i18n import t
from core.store.person_queries import PersonVisitor, visitors_of_person

MOST_SHOWN = 8
_WHOLE, _ALONE = "1", "0"


@dataclass(frozen=True)
class ShownPerson:
    """What the page shows.

    Attributes:
        visitor_id: the one that the address names.
        members: the person's visitors that were seen, the earliest first; a visitor nobody linked has none beside it.
        whole: whether all of them are shown.
    """

    visitor_id: str
    members: tuple[PersonVisitor, ...]
    whole: bool

    @property
    def visitor_ids(self) -> tuple[str, ...]:
        """Whose events are shown."""
        return tuple(one.visitor_id for one in self.members) if self.whole else (self.visitor_id,)

    @property
    def marks(self) -> dict[str, str]:
        """A short name of each, A for the first, where more than one is shown."""
        return {one: mark(place) for place, one in enumerate(self.visitor_ids)} if len(self.visitor_ids) > 1 else {}

    @property
    def latest(self) -> str:
        """The visitor that the person was last."""
        shown = [one for one in self.members if one.visitor_id in self.visitor_ids and one.last_at is not None]
        return max(shown, key=lambda one: (one.last_at, one.visitor_id)).visitor_id if shown else self.visitor_id


def mark(place: int) -> str:
    """A to Z, then numbers."""
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def choose_person(visitor_id: str) -> ShownPerson:
    """Say who is one person with the visitor, offer to see this visitor only, and keep that choice in the address.

    A user without events of its own, known by its links alone, is shown as the visitors it was.
    """
    everybody = visitors_of_person(context().warehouse, visitor_id)
    seen = sorted((one for one in everybody if one.first_at), key=lambda one: (one.first_at, one.visitor_id))
    members = tuple(seen)
    if all(one.visitor_id == visitor_id for one in members):
        return ShownPerson(visitor_id, members, whole=False)
    if all(one.visitor_id != visitor_id for one in members):
        st.caption(t("person.known_by_links"))
        _list_members(members, visitor_id)
        return ShownPerson(visitor_id, members, whole=True)
    chosen = kept_choice(
        "person",
        t("person.shown"),
        (_WHOLE, _ALONE),
        lambda choice: t("person.whole", n=len(members)) if choice == _WHOLE else t("person.alone"),
        segmented=True,
    )
    _list_members(members, visitor_id)
    return ShownPerson(visitor_id, members, whole=chosen == _WHOLE)


def _list_members(members: tuple[PersonVisitor, ...], visitor_id: str) -> None:
    """A button for each, which opens that visitor alone."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(t("person.visitors"), help=t("person.visitors_hint"), width="content")
        for place, one in enumerate(members[:MOST_SHOWN]):
            label = t("person.member", mark=mark(place), visitor=plain(one.visitor_id), n=f"{one.sessions:,}")
            is_this = one.visitor_id == visitor_id
            key, icon = f"same-person-{one.visitor_id}", ":material/person:"
            if st.button(f"**{label}**" if is_this else label, key=key, icon=icon, type="tertiary"):
                st.query_params.clear()
                st.query_params.update(visitor=one.visitor_id, person=_ALONE)
                st.rerun()
        if len(members) > MOST_SHOWN:
            st.caption(t("person.more", n=len(members) - MOST_SHOWN), width="content")
