"""Which intents the model takes for which, and the sessions behind a cell."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.components.confusion import confusion
from app.components.parts import download_table
from app.components.shared.payload import component_texts, intent_records, locale
from app.context import context
from app.i18n import t
from app.theme import NEUTRAL
from app.views.evaluate_cases import render_cases, with_names
from app.views.evaluate_data import intent_names
from core.intents.taxonomy import load_taxonomy
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.evaluation.report import EvaluationReport


def render_confusion(model: ModelRecord, report: "EvaluationReport") -> None:
    """The matrix; a chosen cell is in the address and lists its sessions."""
    with st.container(border=True):
        st.subheader(t("evaluate.confusion"), anchor=False)
        st.caption(t("evaluate.confusion_words", n=len(report.labelled)))
        key = f"confusion.{model.model_id}"

        def on_cell() -> None:
            keep_cell(st.session_state[key].cell or {})

        intents = report.records.intents
        counts = report.metrics["model"]["confusion"]
        asked = (st.query_params.get("answer"), st.query_params.get("guess"))
        selected = asked if all(intent in intents for intent in asked) else None
        data = {
            "language": locale(),
            "texts": component_texts("evaluate"),
            "intents": intents_shown(intents),
            "counts": counts,
            "selected": selected,
        }
        confusion(data, key=key, on_cell=on_cell)
        names = [intent_names(intents)[intent] for intent in intents]
        frame = pd.DataFrame(counts, index=pd.Index(names, name=t("evaluate.component.rows")), columns=names)
        download_table(frame.reset_index(), f"confusion-{model.model_id}")
        if selected:
            _behind(model.model_id, report, str(selected[0]), str(selected[1]))


def keep_cell(cell: dict[str, str], names: tuple[str, str] = ("answer", "guess")) -> None:
    """Keep a cell's two intents in the address under these names; none takes both away."""
    for name in names:
        if cell.get(name):
            st.query_params[name] = cell[name]
        else:
            st.query_params.pop(name, None)


def _behind(model_id: str, report: "EvaluationReport", answer: str, guess: str) -> None:
    from core.evaluation.mistakes import behind_cell

    found = behind_cell(report.labelled, answer, guess)
    names = intent_names(report.records.intents)
    st.markdown(f"**{t('evaluate.behind', answer=names[answer], guess=names[guess], n=len(found))}**")
    if found.empty:
        return
    words = "evaluate.case_right" if answer == guess else "evaluate.case_words"
    render_cases(found, words, model_id=model_id)
    download_table(with_names(found), f"sessions-{answer}-{guess}")


def intents_shown(intents: tuple[str, ...]) -> list[dict[str, str]]:
    """What the matrix is told of each intent; of one that nobody knows any more, its id."""
    known = {record["id"]: record for record in intent_records(load_taxonomy(context().warehouse, inactive=True))}
    plain = {"color": NEUTRAL, "color_dark": NEUTRAL}
    return [known.get(intent, {"id": intent, "name": intent, **plain}) for intent in intents]
