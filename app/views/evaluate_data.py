"""What the Evaluate page shows, computed once for each model and kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.context import context
from app.i18n import t
from app.intent_names import intent_names as known_names
from core.registry.models import ModelRecord
from core.store.evaluation_queries import session_traits

if TYPE_CHECKING:
    from core.evaluation.comparison import Comparison
    from core.evaluation.records import Records
    from core.evaluation.report import EvaluationReport

NAMES = ("model", "trees", "kgram", "base_rate")


def report_of(model: ModelRecord) -> "EvaluationReport | None":
    """The model's figures; None when its folder keeps no evaluation.

    Raises:
        UnreadableFileError: the evaluation is damaged.
    """
    report: EvaluationReport | None = _report(model.model_id, model.created_at.isoformat(), model)
    return report


def comparison_of(first: ModelRecord, second: ModelRecord) -> "Comparison | None":
    """Two models on what both held out; None where that is nothing, or either keeps no evaluation."""
    from core.evaluation.comparison import compare

    one, other = report_of(first), report_of(second)
    return compare(one.records, other.records) if one and other else None


def slices_of(labelled: "Records") -> pd.DataFrame:
    """The model's quality by device, channel, new or returning visitor and language, as the warehouse knows them."""
    from core.evaluation.slices import slice_scores

    return slice_scores(labelled, traits_of(labelled.frame["session_id"].unique().tolist()))


def traits_of(session_ids: Sequence[str]) -> pd.DataFrame:
    """What the warehouse knows of some sessions."""
    return session_traits(context().warehouse, session_ids)


def shown_names() -> dict[str, str]:
    """How the model and its baselines are called in figures, in the order they are shown."""
    return {name: t("evaluate.this_model") if name == "model" else t(f"train.baseline_{name}") for name in NAMES}


def intent_names(intents: Sequence[str] = ()) -> dict[str, str]:
    """Intents in the reader's language; those of `intents` that the taxonomy no longer has by their id."""
    return {intent: intent for intent in intents} | known_names()


@st.cache_resource(max_entries=8, show_spinner=False)  # type: ignore[untyped-decorator]
def _report(model_id: str, created_at: str, _model: ModelRecord) -> "EvaluationReport | None":
    from core.evaluation.records import read_records
    from core.evaluation.report import make_report

    records = read_records(_model.folder)
    return make_report(records) if records is not None else None
