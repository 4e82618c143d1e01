"""The learning curve: quality against the number of labels, a point a model."""

from collections.abc import Sequence

import pandas as pd

from core.registry.models import ModelRecord

CURVE_COLUMNS = ("model_id", "made_at", "status", "labels", "macro_f1", "low", "high", "n", "base_rate", "how")


def learning_curve(records: Sequence[ModelRecord]) -> pd.DataFrame:
    """CURVE_COLUMNS of the fine-tuned models that were measured, oldest first.

    labels: it learned from; macro_f1 with its 95 % interval over visitors, on n labels kept from the measured model;
    base_rate: what always guessing by the base rate reaches there; how: `random` where those labels are of sessions
    drawn by lot, `latest` where they are the latest visitors', however chosen.
    """
    measured = [record for record in records if "macro_f1_interval" in record.metrics and record.card.get("labels")]
    rows = [_point(record) for record in sorted(measured, key=lambda record: record.created_at)]
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))


def _point(record: ModelRecord) -> tuple[object, ...]:
    low, high = record.metrics["macro_f1_interval"]
    base_rate = ((record.card.get("baselines") or {}).get("base_rate") or {}).get("macro_f1")
    how = (record.card.get("held_out") or {}).get("how", "latest")
    return (
        record.model_id,
        record.created_at,
        record.status,
        int(record.card["labels"]),
        float(record.metrics["macro_f1"]),
        float(low),
        float(high),
        int(record.metrics.get("labels", 0)),
        base_rate,
        how,
    )
