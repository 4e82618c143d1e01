"""The smallest change that flips the prediction: asked for, told in words, and loaded into the editor by one click."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.address import kept_choice
from app.components.parts import download_table, plain, shown_table
from app.components.shared.payload import event_type_names
from app.i18n import t
from app.units import points
from app.views.visitor_records import records_of_rows, rows_with_items
from app.views.what_if_state import Asked, load_edits

if TYPE_CHECKING:
    from core.explain.counterfactual import SmallestChange
    from core.explain.edits import Edit

ANY = "any"
MOST_SECONDS = 12.0


def render_search(asked: Asked) -> None:
    """The search's form and, once it ran, what it found."""
    st.subheader(t("what_if.smallest"), anchor=False)
    st.caption(t("what_if.smallest_help"))
    records = {record["id"]: record["name"] for record in asked.intent_records}
    now = asked.what_if.intents[max(range(len(asked.before)), key=asked.before.__getitem__)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = kept_choice(
            "target",
            t("what_if.target"),
            [ANY, *(one for one in records if one != now)],
            lambda one: t("what_if.any_other", name=records[now]) if one == ANY else str(records[one]),
        )
        pressed = st.button(t("what_if.find"), icon=":material/search:", key="what_if_find")
    if not pressed and "what_if_found" not in st.session_state:
        return
    key = f"{asked.digest}.{target}"
    if pressed:
        with st.spinner(t("what_if.searching")):
            st.session_state["what_if_found"] = (key, _search(asked, target))
    found_for, found = st.session_state["what_if_found"]
    if found_for == key:
        _tell(asked, found, records, records[now] if target == ANY else records[target], target)


def _search(asked: Asked, target: str) -> "SmallestChange":
    from core.explain.candidates import possible_changes
    from core.explain.counterfactual import Limits, find_smallest_change

    place = None if target == ANY else asked.what_if.intents.index(target)
    candidates = possible_changes(asked.what_if.rows, asked.habits)
    known = asked.what_if.items
    candidates = tuple(edit for edit in candidates if _item_of(edit) is None or _item_of(edit) in known)
    return find_smallest_change(
        candidates, asked.what_if.probabilities, target=place, limits=Limits(most_seconds=MOST_SECONDS)
    )


def _item_of(edit: "Edit") -> Any:
    return dict(getattr(edit, "values", ())).get("item_id")


def _tell(asked: Asked, found: "SmallestChange", names: dict[str, str], name: str, target: str) -> None:
    if found.edits is None:
        key = "what_if.nothing_spent" if found.spent else "what_if.nothing"
        key = key if found.proven_up_to else "what_if.nothing_early"
        st.info(t(key, k=found.proven_up_to, tried=f"{found.tried:,}"), icon=":material/block:")
        return
    words = edit_words(asked, found.edits)
    key = "what_if.found_one" if len(found.edits) == 1 else "what_if.found"
    st.markdown(f"**{t(key, n=len(found.edits))}**")
    st.markdown("\n".join(f"- {plain(one)}" for one in words))
    shown_table(_before_after(asked, found, names))
    st.caption(t("what_if.smallest_shown" if found.is_smallest else "what_if.smallest_found", tried=f"{found.tried:,}"))
    from core.explain.edit_text import text_of_edits

    left, right = st.columns(2)
    if left.button(t("what_if.load"), icon=":material/edit:", type="primary", key="what_if_load"):
        load_edits(text_of_edits(found.edits))
        st.rerun(scope="fragment")
    with right:
        table = pd.DataFrame({"edit": words, "edits": text_of_edits(found.edits)})
        download_table(table, "smallest-change", label=t("what_if.download"))


def _before_after(asked: Asked, found: "SmallestChange", names: dict[str, str]) -> pd.DataFrame:
    after = found.before if found.after is None else found.after
    rows = zip(asked.what_if.intents, found.before.tolist(), after.tolist(), strict=True)
    columns = [t(f"what_if.column_{name}") for name in ("intent", "before", "after", "points")]
    told = [
        (names[intent], f"{one:.1%}", f"{other:.1%}", points(other - one))
        for intent, one, other in sorted(rows, key=lambda row: -row[2])
    ]
    return pd.DataFrame(told, columns=columns)


def edit_words(asked: Asked, edits: "tuple[Edit, ...]") -> list[str]:
    """Each edit of the session as it was in a sentence."""
    from core.explain.edits import Remove

    types = event_type_names()
    items = asked.what_if.items
    titles = {item_id: item["title"] for item_id, item in items.items()}
    events = {}
    for number, record in enumerate(records_of_rows(rows_with_items(asked.what_if.rows, items)), start=1):
        subject = record["query"] or record["title"] or record["text"] or ""
        events[record["event_id"]] = f"{number}. {types[record['type']]}" + (f" “{subject}”" if subject else "")
    told = []
    for edit in edits:
        event = events.get(edit.event_id, edit.event_id)
        if isinstance(edit, Remove):
            told.append(t("what_if.says_remove", event=event))
            continue
        values = {name: value for name, value in dict(getattr(edit, "values", ())).items() if value is not None}
        if "event_type" in values:
            values["event_type"] = types[str(values["event_type"])]
        if "item_id" in values:
            values["item_id"] = titles.get(values["item_id"]) or values["item_id"]
        said = ", ".join(f"{t(f'what_if.value_{name}')} “{value}”" for name, value in values.items())
        told.append(t("what_if.says_change", event=event, values=said))
    return told
