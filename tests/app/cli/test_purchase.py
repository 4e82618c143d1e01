"""purchase: the job of the Train page, waited for, and its table in words and for machines."""

from pathlib import Path

import pytest

from app.cli.purchase import purchase_words
from core.registry.models import champion, latest_purchase
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.app.cli.calling import call, told

FIGURES = {"auroc": 0.8, "pr_auc": 0.512, "auroc_interval": [0.7, 0.9], "pr_auc_interval": [0.45, 0.6]}
ROWS = [
    {"kind": "events", "at": 3, "sessions": 90, "buyers": 9, "base_rate": 0.1, "model": FIGURES, "trees": FIGURES},
    {"kind": "share", "at": 0.25, "sessions": 0, "buyers": 0, "base_rate": None, "model": None, "trees": None},
]
METRICS = {"table": ROWS, "calibration": {"ece": 0.02}, "sessions": 500, "buyers": 60, "parts": {"test": 100}}


def test_the_table_has_the_base_rate_beside_model_and_trees() -> None:
    words = purchase_words({"model_id": "m-1", "target": "purchase", "metrics": METRICS}).splitlines()
    assert "60 of 500 sessions" in words[0]
    assert words[-2].split() == [
        "after",
        "3",
        "events",
        "90",
        "0.100",
        "0.512",
        "0.450",
        "to",
        "0.600",
        "0.512",
        "0.800",
        "0.800",
    ]
    assert words[-1].split() == ["at", "25%", "of", "the", "session", "0", *["-"] * 6]


@pytest.mark.slow
def test_the_model_is_registered_and_never_serves_intents(shop_home: Path) -> None:
    about = told(call(shop_home, "purchase", "--epochs", "1", "--json"))
    assert {row["kind"] for row in about["metrics"]["table"]} == {"events", "share"}
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    record, serving = latest_purchase(warehouse), champion(warehouse)
    warehouse.close()
    assert record is not None
    assert (record.model_id, record.parent) == (about["model_id"], "sample-pretrained")
    assert serving is not None
    assert serving.model_id == "sample-finetuned"
