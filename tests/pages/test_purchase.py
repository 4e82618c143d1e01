"""What the Train and Visitor pages say of purchase models."""

from app.views.train_purchase import COLUMNS, purchase_frame
from app.views.visitor_purchase import as_tile

FIGURES = {"auroc": 0.8, "pr_auc": 0.5, "pr_auc_interval": [0.45, 0.6]}


def test_the_table_shows_model_and_trees_beside_the_base_rate() -> None:
    rows = [
        {"kind": "events", "at": 5, "sessions": 90, "base_rate": 0.1, "model": FIGURES, "trees": FIGURES},
        {"kind": "share", "at": 0.75, "sessions": 0, "base_rate": None, "model": None, "trees": None},
    ]
    frame = purchase_frame(rows)
    assert tuple(frame.columns) == COLUMNS
    assert frame["when"].tolist() == ["events seen: 5", "at 75% of the session"]
    assert frame.iloc[0][["base_rate", "pr_auc", "interval", "trees_auroc"]].tolist() == [
        0.1,
        0.5,
        "0.450 – 0.600",
        0.8,
    ]
    assert frame.iloc[1]["interval"] == ""


def test_the_tile_tells_the_probability_or_that_it_was_bought() -> None:
    assert as_tile(0.234) == ("Will buy", "23%", "in this session")
    assert as_tile(None) == ("Will buy", "bought", "in this session")
