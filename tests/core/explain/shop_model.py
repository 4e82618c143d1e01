"""What an untrained model of the small shop lacks for being explained: the mean event that training would note."""

import torch

from core.model.scorer import SessionScorer
from tests.core.model.shop import Shop

VISITORS = 5


def set_mean_event(scorer: SessionScorer, shop: Shop) -> None:
    """Note the mean event of the first visitors."""
    streams = [stream for _, stream in shop.events.groupby("visitor_id")][:VISITORS]
    with torch.no_grad():
        cells = [scorer.model.encode_fields(scorer.batch(stream, shop.items))[0] for stream in streams]
    scorer.model.mean_event.copy_(torch.cat(cells).mean(dim=0))
