"""Occlusion of events: what the probability loses when one event becomes the mean event.

Source: Zeiler and Fergus 2014 (arXiv 1311.2901); leave-one-out of ERASER (DeYoung et al. 2020) with events for tokens.
"""

from typing import ClassVar

from core.explain.methods.method import Attributions, Method, Unit, blocks_of, shared_out
from core.explain.prediction import Prediction

POSITIONS = 65_536
"""Events asked about at most; longer sessions lose several early events at a time."""


class OcclusionOfEvents(Method):
    """Each event left out alone.

    When: the plainest question, for showing to somebody who distrusts gradients.
    Not: where two events say the same; each alone is then missed by nobody, and both get nothing.
    """

    name: ClassVar[str] = "occlusion_of_events"
    unit: ClassVar[Unit] = "event"

    def attribute(self, prediction: Prediction) -> Attributions:
        blocks = blocks_of(prediction.event_count, POSITIONS // prediction.event_count)
        falls = prediction.ends[0] - prediction.keep_events(~blocks)
        return Attributions(shared_out(falls[:, None], blocks), len(blocks), int(blocks.sum(dim=1).max()))
