"""A server killed while it follows shoppers: after its restart each visitor's intent is what it was, to the event."""

import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from core.model.checkpoint import save_checkpoint
from core.registry.models import register_model
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.app.api.messages import viewed
from tests.app.api.process import ServerProcess
from tests.core.model.conftest import make_checkpoint
from tests.core.model.shop import INTENTS, make_shop

VISITORS = 5


@pytest.mark.fault
def test_kill_9_and_a_restart_give_the_same_intents(tmp_path: Path) -> None:
    home = tmp_path / "home"
    _register_model(home, tmp_path / "model")
    server = ServerProcess(home).start()
    told: dict[str, Any] = {}
    for number in range(40):
        visitor = f"v-{number % VISITORS}"
        minute = 59 - number if number % 7 == 0 else number  # some are late
        message = viewed(number, visitor=visitor, at=f"2026-05-04T10:{minute:02}:00.000Z")
        (told[visitor],) = _ask(server, "/v1/track?intent=true", message)["intents"]
    server.end(signal.SIGKILL)
    server = ServerProcess(home).start()
    for visitor, before in told.items():
        after = _ask(server, "/v1/intent", {"visitor_id": visitor})
        scores = [{intent["label"]: intent["score"] for intent in answer.pop("intents")} for answer in (after, before)]
        assert after == before
        assert scores[0] == {label: pytest.approx(score, abs=1e-4) for label, score in scores[1].items()}
    assert len(told) == VISITORS
    server.end()


def _register_model(home: Path, folder: Path) -> None:
    settings = Settings(home=home, sample_shop=False)
    checkpoint = make_checkpoint(make_shop(visitors=8))
    checkpoint.card.update(model_id="tiny", kind="finetuned", intents=list(INTENTS), created_at="2026-05-04T00:00:00")
    save_checkpoint(checkpoint, folder)
    warehouse = Warehouse.open(settings)
    register_model(warehouse, settings, folder)
    warehouse.close()


def _ask(server: ServerProcess, path: str, body: dict[str, Any]) -> dict[str, Any]:
    for _ in range(10):  # the first answers may come before the model is loaded
        request = urllib.request.Request(server.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.loads(response.read())
        if "intents_error" not in answer:
            return answer
    raise AssertionError(answer)
