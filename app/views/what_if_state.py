"""What is asked on the What if page: a session, its edits, and what the model says before and after."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.components.shared.payload import intent_records
from app.context import context
from app.i18n import t
from app.views.newest import Newest
from app.views.stream_digest import stream_digest
from core.errors import InvalidEditError
from core.intents.taxonomy import load_taxonomy
from core.store.habit_queries import Habits, shop_habits
from core.store.item_queries import items as read_items

if TYPE_CHECKING:
    from core.explain.edits import Edit
    from core.explain.heatmap import Heatmap
    from core.explain.variant import Variant
    from core.explain.what_if import WhatIf
    from core.model.scorer import SessionScorer

_LOADED = "what_if_loaded"
_VARIANTS = 8
"""Kept of a session for undo and redo; each holds up to 1 MB."""
_HEATMAPS = 64


class Subject:
    """One session that may be edited: read from the warehouse once, and what was asked of it so far.

    It lives as long as the page is not run anew as a whole, so that an edit costs no more than what it changes.

    item_ids: items that edits may choose from, those of the session first.
    digest: changes with whatever the model reads of the session as it was, and of the items edits may choose from.
    """

    def __init__(self, scorer: "SessionScorer", past: pd.DataFrame) -> None:
        self.scorer, self.past = scorer, past
        self.habits: Habits = _habits(context().settings.inactivity_gap_minutes)
        self.item_ids = _item_ids(past, self.habits)
        self._items = known_items(self.item_ids)
        self.what_if = self._of_items(self._items)
        self.digest = stream_digest(scorer.model_id, past, self._items)
        self._variants: Newest[Variant] = Newest(_VARIANTS)
        self._heatmaps: Newest[Heatmap] = Newest(_HEATMAPS)
        self.is_fresh = True

    @cached_property
    def before(self) -> list[float]:
        """[K] of the session as it was."""
        return self.variant(()).probabilities

    @cached_property
    def intent_records(self) -> list[dict[str, Any]]:
        """The model's intents in their order, as components want them."""
        known = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse, inactive=True))}
        unknown = {"definition": "", "color": "#8A94A6", "color_dark": "#8A94A6"}
        return [known.get(one, {"id": one, "key": one, "name": one, **unknown}) for one in self.what_if.intents]

    def what_if_of(self, edits: "tuple[Edit, ...]") -> "WhatIf":
        """The session with the items that edits name, where those are others than it can choose from.

        Raises:
            InvalidEditError: the shop has no such item.
        """
        more = [item_id for item_id in _named(edits) if item_id not in self.what_if.items]
        if not more:
            return self.what_if
        found = known_items(more)
        for item_id in more:
            if item_id not in set(found["item_id"]):
                raise InvalidEditError(t("what_if.unknown_item", item=item_id))
        return self._of_items(pd.concat([self._items, found]))

    def variant(self, edits: "tuple[Edit, ...]") -> "Variant":
        """The session under edits.

        Raises:
            InvalidEditError: they cannot be.
        """
        return self._variants.get(repr(edits), lambda: self.what_if_of(edits).variant(edits))

    def explain(self, edits: "tuple[Edit, ...]", intent_id: str, *, refined: bool = False) -> "Heatmap":
        """The heatmap of the edited session: a first look, or a finer one where it was asked for before."""
        key = f"{'fine' if refined or self.is_refined(edits, intent_id) else 'first'}.{intent_id}.{edits!r}"
        variant = self.variant(edits)
        return self._heatmaps.get(key, lambda: self.what_if.explain(variant, intent_id, refined=refined))

    def is_refined(self, edits: "tuple[Edit, ...]", intent_id: str) -> bool:
        """Whether the finer heatmap is there."""
        return f"fine.{intent_id}.{edits!r}" in self._heatmaps

    def _of_items(self, items: pd.DataFrame) -> "WhatIf":
        from core.explain.what_if import WhatIf  # loads torch, once someone asks

        settings = context().settings
        gap = settings.inactivity_gap_minutes
        return WhatIf(self.scorer, self.past, items, settings.media_folder, inactivity_gap_minutes=gap)


@dataclass(frozen=True)
class Asked:
    """One session under edits.

    edits: () where the edits cannot be; `error` then says why, and `damaged` whether they could not even be read.
    before, after: probabilities in the order of the model's intents; after is None with an error.
    """

    subject: Subject
    what_if: "WhatIf"
    edits: "tuple[Edit, ...]"
    error: str | None
    damaged: bool
    before: list[float]
    after: list[float] | None

    @property
    def habits(self) -> Habits:
        return self.subject.habits

    @property
    def digest(self) -> str:
        return self.subject.digest

    @property
    def intent_records(self) -> list[dict[str, Any]]:
        """The model's intents in their order, as components want them."""
        return self.subject.intent_records

    @property
    def variant(self) -> "Variant":
        """The session under the edits."""
        return self.subject.variant(self.edits)

    def choose_intent(self) -> dict[str, Any]:
        """The intent whose heatmap is shown; the address keeps it."""
        records = {record["id"]: record for record in self.intent_records}
        likeliest = self.what_if.intents[max(range(len(self.before)), key=self.before.__getitem__)]
        chosen = kept_choice(
            "intent",
            t("what_if.heatmap_of"),
            list(records),
            lambda one: str(records[one]["name"]),
            usual=likeliest,
            segmented=True,
            label_visibility="visible",
        )
        return records[chosen]

    def explain(self, intent_id: str, *, refined: bool = False) -> "Heatmap":
        """The heatmap of the edited session: a first look, or a finer one where it was asked for before."""
        return self.subject.explain(self.edits, intent_id, refined=refined)

    def is_rough(self, heatmap: "Heatmap") -> bool:
        """Whether it is a first look that does not add up as it should."""
        from core.explain.verdict import TRUSTED_ERROR

        return heatmap.relative_error > TRUSTED_ERROR and not self.subject.is_refined(self.edits, heatmap.intent)


def ask_what_if(subject: Subject, text: str) -> Asked:
    """What the model says of the session as it was and under the edits that the address holds."""
    from core.explain.edit_text import edits_of_text  # what edits are scored with loads torch, once someone asks

    edits: tuple[Edit, ...] = ()
    what_if, after, error, damaged = subject.what_if, None, None, True
    try:
        edits = edits_of_text(text)
        damaged = False
        what_if = subject.what_if_of(edits)
        after = subject.variant(edits).probabilities
    except InvalidEditError as wrong:
        edits, error = (), str(wrong)
    return Asked(subject, what_if, edits, error, damaged, before=subject.before, after=after)


def known_items(item_ids: list[str]) -> pd.DataFrame:
    """The shop's items of these ids, as far as it knows them."""
    return read_items(context().warehouse, item_ids)


def loaded_version() -> int:
    """Changes whenever the server, not the browser, decided the edits."""
    return int(st.session_state.get(_LOADED, 0))


def load_edits(text: str) -> None:
    """Put edits into the address and tell the editor to take them."""
    st.query_params["edits"] = text
    st.session_state[_LOADED] = loaded_version() + 1


def _named(edits: "tuple[Edit, ...]") -> list[str]:
    """The items that edits name."""
    values = [dict(getattr(edit, "values", ())) for edit in edits]
    return [str(one["item_id"]) for one in values if one.get("item_id")]


def _item_ids(past: pd.DataFrame, habits: Habits) -> list[str]:
    met = past["item_id"].dropna().tolist()[::-1]
    return list(dict.fromkeys([*met, *(item for items in habits.items.values() for item in items)]))


@st.cache_data(ttl=300, show_spinner=False)  # type: ignore[untyped-decorator]
def _habits(_gap: int) -> Habits:
    return shop_habits(context().warehouse)
