"""The choice of a label queue and its options, kept in the address."""

from dataclasses import replace

import streamlit as st

from app.address import in_address, keep, kept_choice, kept_number
from app.components.parts import empty_state
from app.components.shared.payload import intent_records
from app.context import context
from app.i18n import t
from app.views.sessions_filter import choose_filter
from core.active.options import GOLD_SHARE, MOST_OVERLAP, QueueOptions, ScoredModel
from core.active.query_strategies.registry import STRATEGIES, is_ready
from core.intents.taxonomy import load_taxonomy
from core.store.kind_queries import has_kinds
from core.store.session_queries import SessionFilter

RENAMED = {"uncertain": "least_confidence"}
"""Names that addresses of earlier versions hold."""
EXAMPLE_SQL = "SELECT session_id FROM sessions\nWHERE has_cart AND NOT has_purchase\nORDER BY started_at DESC"


def choose_queue(models: tuple[ScoredModel, ...]) -> QueueOptions:
    """The queue as the annotator set it, or as the address says."""
    asked = st.query_params.get("queue", "")
    if asked in RENAMED:
        st.query_params["queue"] = RENAMED[asked]
    queue = kept_choice(
        "queue",
        t("label.queue"),
        list(STRATEGIES),
        lambda name: t(f"label.queue_{name}"),
        usual="random",
        place=st.sidebar,
        help=t("label.queue_help"),
    )
    st.sidebar.caption(t(f"label.queue_{queue}_help"))
    with st.sidebar.popover(t("label.options"), icon=":material/tune:", width="stretch"):
        options = _options(queue)
    if queue == "outdated":
        options = replace(options, intent=_outdated_intent())
    if queue == "filter":
        options = replace(options, filter=_filter(models))
    return replace(options, sql=_sql()) if queue == "sql" else options


def explain_need(options: QueueOptions, models: tuple[ScoredModel, ...]) -> bool:
    """Whether the queue lacks something; then what, and where to get it, is on the page."""
    strategy = STRATEGIES[options.queue]
    if is_ready(strategy, models, kinds=has_kinds(context().warehouse)):
        return False
    need = "model" if not models and strategy.needs != "kinds" else strategy.needs
    empty_state(t(f"label.needs_{need}"), t(f"label.needs_{need}_body"), "train")
    return True


def _options(queue: str) -> QueueOptions:
    usual = round(100 * STRATEGIES[queue].random_share)
    share = None
    if queue != "random":
        share = _percent("share", usual) / 100
    gold = _percent("gold", round(100 * GOLD_SHARE)) / 100
    label = t("label.option_overlap")
    overlap = kept_number("overlap", label, 1, 1, MOST_OVERLAP, help=t("label.option_overlap_help"))
    return QueueOptions(queue=queue, random_share=share, gold_share=gold, overlap=overlap)


def _percent(name: str, usual: int) -> int:
    label = t(f"label.option_{name}")
    return kept_number(name, label, usual, 0, 100, step=5, help=t(f"label.option_{name}_help"))


def _outdated_intent() -> str:
    """Which of the intents not offered any more (?intent=)."""
    gone = intent_records(tuple(one for one in load_taxonomy(context().warehouse, inactive=True) if not one.active))
    names = {record["id"]: record["name"] for record in gone}
    return kept_choice(
        "intent",
        t("label.outdated_intent"),
        ["", *names],
        lambda one: names.get(one, t("label.outdated_any")),
        place=st.sidebar,
    )


def _filter(models: tuple[ScoredModel, ...]) -> SessionFilter:
    """The filter of the Sessions page, with the same names in the address."""
    intents = intent_records(load_taxonomy(context().warehouse)) if models else []
    return replace(choose_filter(intents), model_id=models[0].model_id if models else None)


def _sql() -> str:
    with st.expander(t("label.sql"), icon=":material/database:", expanded="sql" not in st.query_params):
        text = str(
            st.text_area(
                t("label.sql"),
                help=t("label.sql_help"),
                label_visibility="collapsed",
                height=130,
                key=in_address("sql", lambda said: said or EXAMPLE_SQL),
            )
        )
        st.caption(t("label.sql_help"))
    keep("sql", text)
    return text
