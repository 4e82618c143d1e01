"""One labelled session beside an explained prediction: its story, its label and whose it is, and how to correct it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.components.parts import page_link, plain
from app.components.shared.payload import event_type_names, intent_records
from app.context import context
from app.i18n import t
from app.theme import NEUTRAL
from app.views.evaluate_data import traits_of
from app.views.explain_retrain import correct
from core.events.rows import plain_rows
from core.intents.adjudication import journal_place
from core.intents.labels_now import LabelNow, labels_now
from core.intents.taxonomy import load_taxonomy, merged_intents

if TYPE_CHECKING:
    from core.explain.lessons.lessons import Evidence, Lesson

MOST_ICONS = 8
MOST_WORDS = 60
_ICONS = {
    "search": "search",
    "view_list": "list",
    "filter_list": "filter_alt",
    "click": "ads_click",
    "view": "visibility",
    "add_to_cart": "add_shopping_cart",
    "remove_from_cart": "remove_shopping_cart",
    "view_cart": "shopping_cart",
    "add_to_wishlist": "favorite",
    "checkout": "credit_card",
    "purchase": "shopping_bag",
    "refund": "currency_exchange",
    "promo_view": "campaign",
    "promo_click": "local_offer",
    "coupon": "confirmation_number",
    "share": "share",
    "review": "star",
    "message": "chat",
    "page": "description",
}
_OTHER_ICON = "more_horiz"
_HEAD = (
    '<div style="display:flex;gap:.45em;align-items:center"><span aria-hidden="true" style="flex:none;width:.8em;'
    'height:.8em;border-radius:3px;background:light-dark({light},{dark})"></span><b style="flex:1">{name}</b>'
    '<span style="white-space:nowrap">{value}</span></div>'
)


@dataclass(frozen=True)
class Told:
    """What cards tell beside the lessons themselves.

    labels: of each (session_id, event_id) by now; traits: by session; intents: as components want them, those of today
    first; offered: their ids; merged: what intents of earlier days count as.
    """

    labels: dict[tuple[str, str], LabelNow]
    traits: dict[str, dict[str, Any]]
    intents: dict[str, dict[str, Any]]
    offered: tuple[str, ...]
    merged: dict[str, str]

    def intent(self, intent_id: str) -> dict[str, Any]:
        """One by its id; one nobody knows by the id alone."""
        plain_record = {"id": intent_id, "name": intent_id, "color": NEUTRAL, "color_dark": NEUTRAL}
        return self.intents.get(intent_id, plain_record)

    def now(self, intent_id: str) -> str:
        """What the model's intent counts as today."""
        return self.merged.get(intent_id, intent_id)


def tell(lessons: "Sequence[Lesson]") -> Told:
    """Read all that their cards tell at once."""
    warehouse = context().warehouse
    taxonomy = load_taxonomy(warehouse, inactive=True)
    places = list(dict.fromkeys((lesson.session_id, lesson.event_id) for lesson in lessons))
    traits = plain_rows(traits_of([session_id for session_id, _ in places]))
    return Told(
        labels=labels_now(warehouse, places),
        traits={str(row["session_id"]): row for row in traits},
        intents={record["id"]: record for record in intent_records(taxonomy)},
        offered=tuple(intent.id for intent in taxonomy if intent.active),
        merged=dict(merged_intents(warehouse)),
    )


def basis(evidence: "Evidence") -> str:
    """Of how many sessions, over which states of the model, and how sure that is."""
    states = "lessons.checkpoints" if evidence.checkpoints > 1 else "lessons.final_only"
    parts = [t("lessons.of", n=f"{evidence.lessons:,}"), t(states, n=evidence.checkpoints)]
    return " ".join(parts if evidence.is_exact else [*parts, t("lessons.by_journal")])


def story_words(trail: "Sequence[str]") -> str:
    """The session's last event types in words, runs folded."""
    folded, types = _folded(trail), event_type_names()
    words = " › ".join(f"{types.get(kind, kind)}{f' ×{n}' if n > 1 else ''}" for kind, n in folded[-MOST_ICONS:])
    return f"… {words}" if len(folded) > MOST_ICONS else words


def _folded(trail: "Sequence[str]") -> list[tuple[str, int]]:
    return [(str(kind), len(list(run))) for kind, run in groupby(trail)]


def render_lesson(kind: str, lesson: "Lesson", told: Told, person: str | None) -> None:
    """A card of the list `kind`."""
    label = told.labels[(lesson.session_id, lesson.event_id)]
    shown = told.intent(label.intent or told.now(lesson.taught))
    value = t("lessons.alike", share=f"{lesson.similarity:.0%}") if kind == "similar" else _signed(lesson.influence)
    with st.container(border=True, gap="small"):
        filled = {"light": escape(shown["color"]), "dark": escape(shown["color_dark"])}
        st.html(_HEAD.format(**filled, name=escape(shown["name"]), value=escape(value)))
        _story(lesson, told)
        st.caption(" · ".join(_facts(lesson, label, told)))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            page_link("visitor", t("lessons.timeline"), visitor=lesson.visitor_id, session=lesson.session_id)
            event = {} if label.target.event_id is None else {"event": label.target.event_id}
            page_link("label", t("lessons.label"), session=lesson.session_id, **event)
            _correction(kind, lesson, label, told, person)


def _story(lesson: "Lesson", told: Told) -> None:
    """The session's last events as icons, in words on demand, and what it was looking for."""
    traits = told.traits.get(lesson.session_id)
    if traits is None:
        st.caption(t("lessons.gone"))
        return
    folded = _folded(traits["trail"])
    shown = folded[-MOST_ICONS:]
    icons = " ".join(f":material/{_ICONS.get(kind, _OTHER_ICON)}:{f'×{n}' if n > 1 else ''}" for kind, n in shown)
    lead = "… " if len(folded) > len(shown) else ""
    st.markdown(lead + icons, help=story_words(traits["trail"]))
    if traits["words"]:
        said = str(traits["words"])
        st.caption(plain(f"“{said[:MOST_WORDS]}{'…' if len(said) > MOST_WORDS else ''}”"))


def _facts(lesson: "Lesson", label: LabelNow, told: Told) -> list[str]:
    names = [plain(one) for one in label.annotators]
    by = t("lessons.by", names=", ".join(names)) if names else t("lessons.no_label_now")
    facts = [by] if label.target.event_id is None else [by, t("lessons.of_event")]
    if label.intent is not None and label.intent != told.now(lesson.taught):
        facts.append(t("lessons.taught_as", intent=plain(told.intent(lesson.taught)["name"])))
    guess = plain(told.intent(told.now(lesson.guess))["name"])
    return [*facts, t("lessons.guess", intent=guess, share=f"{lesson.probability:.0%}")]


def _correction(kind: str, lesson: "Lesson", label: LabelNow, told: Told, person: str | None) -> None:
    """One click for what the model would say, and any other intent behind a second."""
    guess = told.now(lesson.guess)
    key = f"{kind}.{lesson.session_id}.{lesson.event_id}"
    seen = journal_place(context().warehouse, label.target)
    offers = [intent for intent in told.offered if intent != label.intent]
    if guess in offers:
        st.button(
            t("lessons.fix", intent=plain(told.intent(guess)["name"])),
            key=f"fix.{key}",
            icon=":material/edit:",
            disabled=person is None,
            help=t("lessons.fix_help"),
            on_click=correct,
            args=(label.target, guess, person, seen),
        )
    with st.popover(t("lessons.other"), disabled=person is None):
        for intent in offers:
            st.button(
                plain(told.intent(intent)["name"]),
                key=f"fix.{key}.{intent}",
                on_click=correct,
                args=(label.target, intent, person, seen),
                width="stretch",
            )


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}%".replace("-", "−")
