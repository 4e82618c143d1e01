"""A small model whose head was really fitted to the labels of a shop, some of them planted wrong."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from core.explain.lessons.taught import Taught
from core.model.scorer import SessionScorer
from core.training.labels import read_labels
from core.training.linear_probe import ProbeRows, fit_head
from tests.core.explain.shop_model import set_mean_event
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import INTENTS, Shop, make_shop

COPIED = "v0003"
COPY = "copy-of-v0003"


@dataclass(frozen=True)
class Fitted:
    """The shop holds a visitor twice; `taught` has the copy's label wrong where it was asked for."""

    shop: Shop
    scorer: SessionScorer
    taught: Taught

    def stream(self, visitor_id: str) -> pd.DataFrame:
        """A visitor's events."""
        return self.shop.events[self.shop.events["visitor_id"] == visitor_id]

    def last_session(self, visitor_id: str) -> str:
        """The visitor's last session."""
        return str(self.stream(visitor_id)["session_id"].iloc[-1])

    def truth(self, visitor_id: str) -> str:
        """The hidden intent of the visitor's last event."""
        return str(self.shop.truth[self.stream(visitor_id).index[-1]])


def make_fitted(*, wrong: bool, visitors: int = 40) -> Fitted:
    """Fit the head to the last session of every visitor; `wrong` gives the copied visitor another intent."""
    shop = _with_copy(make_shop(visitors=visitors))
    checkpoint = make_checkpoint(shop)
    scorer = SessionScorer(checkpoint)
    set_mean_event(scorer, shop)
    taught = _taught(shop, wrong)
    head = scorer.model.intent_head
    wanted = np.zeros(len(shop.events), dtype=bool)
    wanted[taught.rows] = True
    _, states = scorer.score_and_embed(shop.events, shop.items, wanted)
    with torch.no_grad():
        forecasts = scorer.model.next_event.forecast(torch.from_numpy(states))
    rows = ProbeRows(
        forecasts,
        torch.from_numpy(taught.targets),
        torch.from_numpy(taught.weights),
        np.arange(len(taught)),
        torch.from_numpy(taught.decisive),
    )
    for parameter in head.parameters():
        parameter.requires_grad_(False)
    fit_head(head, rows, seed=0)
    return Fitted(shop, scorer, taught)


def _with_copy(shop: Shop) -> Shop:
    copied = shop.events["visitor_id"] == COPIED
    copy = shop.events[copied].assign(
        visitor_id=COPY,
        event_id="copy-" + shop.events["event_id"],
        session_id="copy-" + shop.events["session_id"],
    )
    events = pd.concat([copy, shop.events], ignore_index=True)
    return Shop(events, shop.items, np.concatenate([shop.truth[copied.to_numpy()], shop.truth]))


def _taught(shop: Shop, wrong: bool) -> Taught:
    last = shop.events.assign(truth=shop.truth).groupby("visitor_id", sort=True).tail(1)
    planted = last["visitor_id"].eq(COPY) & wrong
    other = last["truth"].map(dict(zip(INTENTS, (*INTENTS[1:], INTENTS[0]), strict=True)))
    annotations = pd.DataFrame(
        {
            "target_kind": "session",
            "event_id": None,
            "session_id": last["session_id"],
            "intent": last["truth"].where(~planted, other),
            "annotator": "analyst",
            "created_at": pd.Timestamp("2026-06-01"),
            "status": "submitted",
        }
    )
    labels = read_labels(annotations, shop.events, INTENTS, earlier_event_weight=0.5)
    return Taught(shop.events, shop.items, labels.rows, labels.targets, labels.weights, labels.decisive, is_exact=True)
