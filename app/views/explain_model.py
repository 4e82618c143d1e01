"""Which model explains: the one of the address, else the champion."""

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.address import kept_choice
from app.components.parts import here_link, plain
from app.context import context
from app.i18n import t
from app.views.visitor_model import champion_or_explanation
from app.views.visitor_timeline import choosable_models, model_name
from core.errors import NoModelError, NotFoundError
from core.registry.models import ModelRecord, get_intent_model

if TYPE_CHECKING:
    from core.model.scorer import SessionScorer

MODEL = "model"
"""Where the address keeps it, here and on the Visitor page; without it, the champion."""


def choose_model(page: str, place: DeltaGenerator) -> "SessionScorer | None":
    """The scorer of the model chosen in `place`; None where none can explain, which the page says by then.

    Raises:
        BrokenCheckpointError: the model's folder cannot be loaded.
    """
    models = {model.model_id: model for model in choosable_models()}
    asked = st.query_params.get(MODEL)
    if asked and asked not in models:
        found = _asked_for(page, asked)
        if found is None:
            return None
        models[asked] = found
    if not models:
        return champion_or_explanation("explain")
    label, ids = t("explain_model.model"), list(models)
    chosen = kept_choice(
        MODEL, label, ids, lambda one: model_name(models[one]), help=t("explain_model.help"), place=place
    )
    if models[chosen].status == "champion":
        scorer = champion_or_explanation("explain")
        if scorer is None or scorer.model_id == chosen:
            return scorer  # else the champion before it serves, until this one is loaded
    with st.spinner(t("explain_model.loading", model=chosen)):
        return context().models.scorer(chosen)


def model_in_address() -> dict[str, str]:
    """What a link to another view of the same prediction takes along."""
    asked = st.query_params.get(MODEL)
    return {MODEL: asked} if asked else {}


def _asked_for(page: str, model_id: str) -> ModelRecord | None:
    """A model older than those offered; of one that cannot explain, the page says why and leads to the champion."""
    try:
        return get_intent_model(context().warehouse, model_id)
    except NotFoundError:
        st.error(t("explain_model.unknown", model=plain(model_id)), icon=":material/error:")
    except NoModelError:
        st.error(t("explain_model.no_intents", model=plain(model_id)), icon=":material/error:")
    kept = {name: st.query_params[name] for name in ("session", "event") if name in st.query_params}
    here_link(page, t("explain_model.by_champion"), **kept)
    return None
