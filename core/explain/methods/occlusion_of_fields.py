"""Occlusion of fields: what the probability loses when one field of one event becomes the mean event's.

Source: as occlusion of events, cell by cell.
"""

from typing import ClassVar

import torch

from core.explain.methods.method import Attributions, Method, blocks_of, shared_out
from core.explain.prediction import Prediction

POSITIONS = 65_536
"""Events asked about at most, over all cells; longer sessions lose several early events at a time."""


class OcclusionOfFields(Method):
    """Each cell left out alone.

    When: to check a cell of the heatmap by the plainest question.
    Not: for sums; what two cells say together neither says alone. About ten times as slow as Integrated Gradients.
    """

    name: ClassVar[str] = "occlusion_of_fields"

    def attribute(self, prediction: Prediction) -> Attributions:
        events, fields = prediction.event_count, prediction.field_count
        blocks = blocks_of(events, max(2, POSITIONS // events // fields))
        cells = blocks[:, None, :, None] & torch.eye(fields, dtype=torch.bool)[None, :, None, :]  # [G, F, T, F]
        falls = prediction.ends[0] - prediction.keep_cells(~cells.flatten(0, 1))
        shared = shared_out(falls.reshape(len(blocks), fields), blocks)
        return Attributions(shared, len(falls), int(blocks.sum(dim=1).max()))
