"""What the Visitor page gives its timeline: models to choose from, all days, and the view that the address asks for."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.api.timeline import EVENTS_URL, SCORES_URL
from app.components.shared.payload import component_texts, event_type_names, intent_records, locale
from app.context import context
from app.i18n import t
from app.intent_names import intents_beside
from app.page_token import page_token
from app.views.visitor_person import ShownPerson
from core.intents.annotations import journal_end
from core.intents.resolution import meanings
from core.intents.taxonomy import load_taxonomy, merged_intents
from core.registry.models import ModelRecord, champion, list_models

MOST_MODELS = 30
_MOMENTS = ("from", "to")
_NAMES = ("session", "event", "until", "scale", "model", "model2", "lit")


def timeline_data(person: ShownPerson, days: pd.DataFrame) -> dict[str, Any]:
    """All of it; see `app.components.timeline`."""
    models = choosable_models()
    intents = intents_beside(counted_intents(models))
    every = load_taxonomy(context().warehouse, inactive=True)
    return {
        "visitor": person.visitor_id,
        "person": person.whole,
        "marks": person.marks,
        "language": locale(),
        "texts": component_texts("timeline"),
        "types": event_type_names(),
        "intents": intent_records(intents),
        "retired": intent_records(tuple(intent for intent in every if intent not in intents)),
        "models": [{"id": model.model_id, "name": model_name(model)} for model in models],
        "champion": models[0].model_id if models and models[0].status == "champion" else None,
        "days": [[f"{day:%Y-%m-%d}", int(count)] for day, count in zip(days["day"], days["events"], strict=True)],
        "total": int(days["events"].sum()),
        "post": {"events": EVENTS_URL, "scores": SCORES_URL, "token": page_token()},
        "links": {"explain": "/explain", "label": "/label"},
        "view": view_asked(st.query_params),
        "stamp": _stamp(person, days, models),
    }


def choosable_models() -> list[ModelRecord]:
    """The models that know intents, the champion first, then the newest."""
    known = [model for model in list_models(context().warehouse) if model.intents]
    return sorted(known, key=lambda model: model.status != "champion")[:MOST_MODELS]


def counted_intents(models: Iterable[ModelRecord] | None = None) -> tuple[str, ...]:
    """The intents that these models (the champion alone, where none is given) tell apart, as they count now."""
    serving = champion(context().warehouse)
    asked = ([serving] if serving else []) if models is None else models
    merged = merged_intents(context().warehouse)
    return tuple(dict.fromkeys(meaning for model in asked for meaning in meanings(model.intents, merged)))


def view_asked(address: Mapping[str, str]) -> dict[str, Any]:
    """The view that an address asks for; a moment that is no number asks for nothing."""
    moments = {name: _moment(address.get(name, "")) for name in _MOMENTS}
    return {**{name: address.get(name, "") for name in _NAMES}, **moments}


def _moment(said: str) -> int | None:
    """Epoch milliseconds; fourteen digits reach beyond any event."""
    return int(said) if said.lstrip("-").isdecimal() and said.isascii() and len(said) < 14 else None


def model_name(model: ModelRecord) -> str:
    """Its id, and that it serves where it does."""
    return t("visitor.model_serving", model=model.model_id) if model.status == "champion" else model.model_id


def _stamp(person: ShownPerson, days: pd.DataFrame, models: list[ModelRecord]) -> str:
    """Changes with all that the browser would have to ask for anew."""
    jump = st.session_state.get("visitor_jump", 0)
    serving = models[0].model_id if models else ""
    shown = f"{person.visitor_id}|{person.whole}|{len(person.visitor_ids)}"
    return f"{shown}|{int(days['events'].sum())}|{journal_end(context().warehouse)}|{serving}|{jump}"
