"""`intentlens rules`: figures of each rule, votes as a file, weak labels for training."""

from pathlib import Path

import pandas as pd

from core.intents.taxonomy import load_taxonomy
from core.registry.models import champion
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.weak.journal import save_rules, set_active
from core.weak.labeling_function import LabelingFunction
from core.weak.starter import starter_rules
from tests.app.cli.calling import call, error_of, told


def _add_starters(home: Path) -> None:
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    save_rules(warehouse, starter_rules(tuple(intent.id for intent in load_taxonomy(warehouse))))
    set_active(warehouse, "starter-help", False)
    warehouse.close()


def test_rules_are_listed_applied_and_taught_by(shop_home: Path, tmp_path: Path) -> None:
    assert "No rule yet" in call(shop_home, "rules", "list").stdout
    assert error_of(call(shop_home, "rules", "apply", "--train", "--json"))["code"] == "invalid_rule"
    _add_starters(shop_home)
    found = {rule["rule_id"]: rule for rule in told(call(shop_home, "rules", "list", "--json"))["rules"]}
    assert len(found) == 12
    assert 0 < found["starter-checkout"]["coverage"] < 1
    assert found["starter-checkout"]["labeled"] > 0
    assert (found["starter-help"]["active"], found["starter-help"]["coverage"]) == (False, None)
    assert "starter-checkout" in call(shop_home, "rules", "list").stdout
    file = tmp_path / "votes.csv"
    about = told(call(shop_home, "rules", "apply", "--votes", str(file), "--train", "--json"))
    votes = pd.read_csv(file)
    assert len(votes) == about["sessions"] > about["training"]["sessions"] > 0
    assert set(votes["starter-checkout"].dropna()) == {"purchase"}
    assert "starter-help" not in votes


def test_rules_by_meaning_read_their_texts_before_they_vote(shop_home: Path) -> None:
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    serving = champion(warehouse)
    assert serving is not None
    definition = {"encoder": f"model:{serving.model_id}", "threshold": 0.0, "margin": -1.0, "sentences": ["return"]}
    save_rules(warehouse, [LabelingFunction("means", "By meaning", "support", "texts", definition)])
    warehouse.close()
    (rule,) = told(call(shop_home, "rules", "list", "--json"))["rules"]
    assert (rule["kind"], rule["definition"]) == ("texts", definition)
    assert rule["coverage"] > 0
    assert told(call(shop_home, "rules", "apply", "--json"))["sessions"] > 0


def test_a_rule_by_meaning_whose_model_is_gone_says_so(shop_home: Path) -> None:
    warehouse = Warehouse.open(Settings(home=shop_home, sample_shop=False))
    definition = {"encoder": "model:nowhere", "threshold": 0.5, "sentences": ["return"]}
    save_rules(warehouse, [LabelingFunction("means", "By meaning", "support", "texts", definition)])
    warehouse.close()
    assert "nowhere" in error_of(call(shop_home, "rules", "list", "--json"))["message"]
