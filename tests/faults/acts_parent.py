"""Does what a person does on the pages, over and over, until it is killed: HOME, first number; prints what was kept."""

import json
import sys
from pathlib import Path

from core.collect.write_keys import create_write_key, revoke_write_key
from core.intents.annotations import submit_annotations
from core.intents.editing import Rename
from core.intents.versions import edit_taxonomy
from core.registry.models import NEEDED_FILES, promote, register_model
from core.settings import Settings
from core.store.warehouse import Warehouse
from core.weak.journal import save_rules
from core.webhooks.webhook import change_webhook, create_webhook
from tests.core.intents.shop import annotation
from tests.core.weak.shop import python


def _say(act: str, value: str) -> None:
    sys.stdout.write(f"{act} {value}\n")
    sys.stdout.flush()


def _made_model(place: Path, number: int) -> Path:
    """A folder as a training leaves it: what is inside is not read here, but must arrive whole."""
    folder = place / f"made-{number}"
    (folder / "trace").mkdir(parents=True)
    for name in NEEDED_FILES:
        (folder / name).write_bytes(b"x" * 200_000)
    (folder / "trace" / "checkpoint-1.safetensors").write_bytes(b"x" * 200_000)
    card = {"model_id": f"m{number}", "kind": "finetuned", "intents": ["browse", "deal"]}
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def main(home: Path, first: int) -> None:
    settings = Settings(home=home, sample_shop=False)
    warehouse = Warehouse.open(settings)
    hook = create_webhook(warehouse, "http://127.0.0.1:9/hook")
    for number in range(first, first + 10_000):
        submit_annotations(warehouse, [annotation("deal", f"s{number}", "ana", client_id=f"c{number}")])
        _say("label", f"c{number}")
        edit_taxonomy(warehouse, [Rename("deal", "en", f"Deal {number}")], author="ana")
        _say("taxonomy", f"Deal {number}")
        save_rules(warehouse, [python("events > 3", rule_id=f"r{number}", name=f"Rule {number}")])
        _say("rule", f"r{number}")
        change_webhook(warehouse, hook.webhook_id, {"description": f"d{number}"})
        _say("webhook", f"{hook.webhook_id} d{number}")
        key, _ = create_write_key(home, f"key {number}", now=warehouse.clock())
        _say("key", key.key_id)
        revoke_write_key(home, key.key_id, now=warehouse.clock())
        _say("revoked", key.key_id)
        model = register_model(warehouse, settings, _made_model(home.parent, number))
        _say("model", model.model_id)
        promote(warehouse, model.model_id)
        _say("champion", model.model_id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
