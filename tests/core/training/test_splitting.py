"""Which labels measure: those drawn at random where there are enough, the same visitors again and again."""

import numpy as np
import pandas as pd
import pytest

from core.training.labels import Labels, read_labels
from core.training.splitting import LEAST_DRAWN, Split, split
from tests.core.model.shop import INTENTS, Shop, make_shop
from tests.core.training.support import session_annotations

SHARE = 0.2


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(visitors=120)


def annotated(shop: Shop, sessions: int, drawn: int) -> pd.DataFrame:
    """So many labelled sessions, of which every n-th was drawn by lot, `drawn` in all."""
    frame = session_annotations(shop, sessions)
    by_lot = np.linspace(0, sessions - 1, drawn).astype(int)
    return frame.assign(drawn=["random" if n in set(by_lot) else "ranked" for n in range(sessions)])


def parts(shop: Shop, annotations: pd.DataFrame) -> tuple[Labels, Split]:
    labels = read_labels(annotations, shop.events, INTENTS, earlier_event_weight=0.5)
    return labels, split(labels, shop.events, annotations, SHARE)


def sessions_of(shop: Shop, labels: Labels, chosen: np.ndarray) -> set[str]:
    return set(shop.events["session_id"].iloc[labels.rows[chosen]])


def visitors_of(shop: Shop, labels: Labels, chosen: np.ndarray) -> set[str]:
    return set(shop.events["visitor_id"].iloc[labels.rows[chosen]])


def test_only_sessions_drawn_by_lot_measure_and_their_visitors_teach_nothing(shop: Shop) -> None:
    annotations = annotated(shop, 150, drawn=60)
    labels, found = parts(shop, annotations)
    by_lot = set(annotations.loc[annotations["drawn"] == "random", "session_id"])
    assert (found.how, found.drawn) == ("random", 60)
    measuring = sessions_of(shop, labels, found.validation)
    assert measuring <= by_lot
    assert 30 <= len(measuring) <= 33, "a fifth of 150, and what the last visitor brings"
    held_out = visitors_of(shop, labels, found.validation)
    assert visitors_of(shop, labels, found.training) == set(shop.events["visitor_id"].iloc[labels.rows]) - held_out


def test_where_few_are_drawn_by_lot_all_of_them_measure(shop: Shop) -> None:
    annotations = annotated(shop, 150, drawn=24)
    labels, found = parts(shop, annotations)
    assert sessions_of(shop, labels, found.validation) == set(
        annotations.loc[annotations["drawn"] == "random", "session_id"]
    )


def test_too_few_drawn_by_lot_leave_the_latest_visitors_and_say_so(shop: Shop) -> None:
    labels, found = parts(shop, annotated(shop, 150, drawn=LEAST_DRAWN - 1))
    assert found.how == "latest"
    assert f"only {LEAST_DRAWN - 1} labelled sessions were drawn at random" in found.reason
    at = shop.events["occurred_at"].iloc[labels.rows]
    last = at.groupby(shop.events["visitor_id"].iloc[labels.rows].to_numpy()).max()
    assert (
        last[list(visitors_of(shop, labels, found.validation))].min()
        >= last[list(visitors_of(shop, labels, found.training))].max()
    )


def test_snapshots_that_do_not_tell_how_sessions_were_drawn_are_split_by_time(shop: Shop) -> None:
    assert parts(shop, session_annotations(shop, 100))[1].how == "latest"


def test_the_same_visitors_measure_again_as_labels_come(shop: Shop) -> None:
    before = parts(shop, annotated(shop, 100, drawn=100))
    after = parts(shop, annotated(shop, 150, drawn=150))
    known = visitors_of(shop, before[0], np.ones(len(before[0]), dtype=bool))
    first, second = (visitors_of(shop, labels, found.validation) for labels, found in (before, after))
    assert len(first & second) >= 0.6 * len(first), f"of {len(first)} visitors, {len(second & known)} known ones"


def test_everything_drawn_by_lot_of_one_visitor_falls_back(shop: Shop) -> None:
    alone = shop.events.assign(visitor_id="v")
    annotations = annotated(shop, 40, drawn=40)
    labels = read_labels(annotations, alone, INTENTS, earlier_event_weight=0.5)
    found = split(labels, alone, annotations, SHARE)
    assert found.how == "latest"
    assert found.training.any()
    assert found.validation.any()


def test_the_last_visitor_to_teach_an_intent_teaches_although_drawn_by_lot(shop: Shop) -> None:
    annotations = annotated(shop, 60, drawn=60)
    labels, found = parts(shop, annotations)
    measuring = sorted(sessions_of(shop, labels, found.validation))
    alone = annotations["session_id"].eq(measuring[0])
    rare = annotations.assign(intent=annotations["intent"].mask(~alone & annotations["intent"].eq("support"), "browse"))
    rare.loc[alone, "intent"] = "support"
    labels, found = parts(shop, rare)
    assert found.how == "random"
    taught = labels.take(found.training)
    assert {labels.intents[number] for number in taught.answers()} == set(rare["intent"])
