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
from app.views.stream_digest import stream_digest
from core.errors import InvalidEditError
from core.intents.taxonomy import load_taxonomy
from core.store.habit_queries import Habits, shop_habits
from core.store.item_queries import items as read_items

if TYPE_CHECKING:
    from core.explain.edits import Edit
    from core.explain.heatmap import Heatmap
    from core.explain.what_if import WhatIf
    from core.model.scorer import SessionScorer

_LOADED = "what_if_loaded"


@dataclass(frozen=True)
class Asked:
    """One session under edits.

    edits: () where the edits cannot be; `error` then says why, and `damaged` whether they could not even be read.
    before, after: probabilities in the order of the model's intents; after is None with an error.
    item_ids: items that edits may choose from, those of the session first.
    digest: changes with whatever the model reads of the session as it was, and of the items edits may choose from.
    """

    what_if: "WhatIf"
    edits: "tuple[Edit, ...]"
    error: str | None
    damaged: bool
    before: list[float]
    after: list[float] | None
    items: pd.DataFrame
    item_ids: list[str]
    habits: Habits
    digest: str

    @cached_property
    def intent_records(self) -> list[dict[str, Any]]:
        """The model's intents in their order, as components want them."""
        known = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse, inactive=True))}
        unknown = {"definition": "", "color": "#8A94A6", "color_dark": "#8A94A6"}
        return [known.get(one, {"id": one, "key": one, "name": one, **unknown}) for one in self.what_if.intents]

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

    def _named_items(self) -> str:
        """What is known of the items that only the edits name."""
        return str(self.items[~self.items["item_id"].isin(self.item_ids)].to_csv(index=False))

    def explain(self, intent_id: str) -> "Heatmap":
        """The heatmap of the edited session."""
        heatmap: Heatmap = _explained(self.digest, self._named_items(), repr(self.edits), intent_id, self)
        return heatmap


def ask_what_if(scorer: "SessionScorer", past: pd.DataFrame, text: str) -> Asked:
    """What the model says of the session as it was and under the edits that the address holds."""
    from core.explain.edit_text import edits_of_text  # what edits are scored with loads torch, once someone asks
    from core.explain.what_if import WhatIf

    habits = _habits(context().settings.inactivity_gap_minutes)
    error: str | None = None
    damaged = False
    edits: tuple[Edit, ...] = ()
    try:
        edits = edits_of_text(text)
    except InvalidEditError as wrong:
        error, damaged = str(wrong), True
    item_ids = _item_ids(past, habits)
    items = known_items(list(dict.fromkeys([*item_ids, *_named(edits)])))
    what_if = WhatIf(
        scorer,
        past,
        items,
        context().settings.media_folder,
        inactivity_gap_minutes=context().settings.inactivity_gap_minutes,
    )
    after: list[float] | None = None
    try:
        _check_items(edits, items)
        after = what_if.probabilities([edits])[0].tolist()
    except InvalidEditError as wrong:
        error = str(wrong)
    digest = stream_digest(scorer.model_id, past, items[items["item_id"].isin(item_ids)])
    return Asked(
        what_if=what_if,
        edits=edits if after is not None else (),
        error=error,
        damaged=damaged,
        before=_unedited(digest, what_if),
        after=after,
        items=items,
        item_ids=item_ids,
        habits=habits,
        digest=digest,
    )


@st.cache_data(max_entries=64, show_spinner=False)  # type: ignore[untyped-decorator]
def _unedited(digest: str, _what_if: "WhatIf") -> list[float]:
    """[K] of the session as it was; the same for every edit of it."""
    row: list[float] = _what_if.probabilities([()])[0].tolist()
    return row


@st.cache_data(max_entries=64, show_spinner=False)  # type: ignore[untyped-decorator]
def _explained(digest: str, named: str, edits: str, intent_id: str, _asked: Asked) -> "Heatmap":
    return _asked.what_if.explain(_asked.edits, intent_id)


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


def _check_items(edits: "tuple[Edit, ...]", items: pd.DataFrame) -> None:
    known = set(items["item_id"])
    for item_id in _named(edits):
        if item_id not in known:
            raise InvalidEditError(t("what_if.unknown_item", item=item_id))


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
