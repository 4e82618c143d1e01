"""kill -9 in the middle of acts: each that was acknowledged is there after a restart, and nothing is half there."""

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from core.collect.write_keys import list_write_keys
from core.files import UNFINISHED
from core.intents.annotations import current_annotations
from core.intents.taxonomy import load_taxonomy
from core.registry.models import champion, list_models
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.store.webhook_queries import list_webhooks
from core.weak.journal import list_rules
from tests.core.intents.shop import fill_shop

ROUNDS, APART = 3, 1000


@pytest.mark.fault
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    chance = random.Random(11)
    settings = Settings(home=tmp_path / "home", sample_shop=False)
    warehouse = Warehouse.open(settings)
    fill_shop(warehouse, 6)
    load_taxonomy(warehouse)
    warehouse.close()
    said: defaultdict[str, list[str]] = defaultdict(list)
    for round_number in range(ROUNDS):
        for line in _act_and_kill(settings.home, APART * (round_number + 1), chance.uniform(0.05, 0.6)):
            act, value = line.split(" ", 1)
            said[act].append(value)
        warehouse = Warehouse.open(settings)
        try:
            _check(warehouse, said)
        finally:
            warehouse.close()
    assert min(len(said[act]) for act in ("label", "taxonomy", "rule", "webhook", "key", "model", "champion")) > 0


def _act_and_kill(home: Path, first: int, after_s: float) -> list[str]:
    """The acts that were told as done: once the first round of them is, the kill comes at any moment."""
    command = [sys.executable, "-m", "tests.faults.acts_parent", str(home), str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("champion"):
            break
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=60)
    lines += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return [line.rstrip("\n") for line in lines]


def _check(warehouse: Warehouse, said: dict[str, list[str]]) -> None:
    assert set(said["label"]) <= set(current_annotations(warehouse)["client_id"])
    name = next(intent.name["en"] for intent in load_taxonomy(warehouse) if intent.id == "deal")
    assert _number(name) >= _number(said["taxonomy"][-1])
    assert set(said["rule"]) <= {rule.rule_id for rule in list_rules(warehouse)}
    told = dict(value.split(" ") for value in said["webhook"])
    kept = {row.webhook_id: row.description for row in list_webhooks(warehouse)}
    assert all(_number(kept[webhook_id]) >= _number(words) for webhook_id, words in told.items())
    keys = {key.key_id: key for key in list_write_keys(warehouse.settings.home)}
    assert set(said["key"]) <= set(keys)
    assert all(keys[key_id].revoked_at for key_id in said["revoked"])
    models = {model.model_id: model for model in list_models(warehouse)}
    assert set(said["model"]) <= set(models)
    for model in models.values():
        sizes = {path.stat().st_size for path in model.folder.rglob("*.safetensors")}
        assert sizes == {200_000}, "whole, with its trace"
        assert not model.folder.name.endswith(UNFINISHED)
    serving = champion(warehouse)
    assert serving is not None
    assert _number(serving.model_id) >= _number(said["champion"][-1])


def _number(words: str) -> int:
    return int("".join(letter for letter in words if letter.isdigit()))
