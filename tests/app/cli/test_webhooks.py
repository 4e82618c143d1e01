"""`intentlens webhooks`, while no server runs."""

from core.settings import Settings
from core.store.warehouse import Warehouse
from core.store.webhook_queries import list_webhooks
from tests.app.cli.calling import call, error_of, told

URL = "http://127.0.0.1:9000/hook"


def test_webhooks_are_added_listed_paused_resumed_and_removed(settings: Settings) -> None:
    home = settings.home
    options = ["--intent", "purchase", "--intent", "deal", "--from", "browse", "--min-score", "0.7"]
    made = told(call(home, "webhooks", "add", URL, *options, "--json"))
    assert made["secret"].startswith("whsec_")
    assert made["private_address"] is True
    webhook_id = made["webhook_id"]
    (listed,) = told(call(home, "webhooks", "list", "--json"))["webhooks"]
    assert (listed["url"], listed["intents"], listed["previous"]) == (URL, ["purchase", "deal"], ["browse"])
    assert (listed["min_score"], listed["due"], listed["dead"]) == (0.7, 0, 0)
    assert made["secret"] not in call(home, "webhooks", "list").stdout
    assert told(call(home, "webhooks", "pause", webhook_id, "--json"))["active"] is False
    assert told(call(home, "webhooks", "resume", webhook_id, "--json"))["active"] is True
    told(call(home, "webhooks", "remove", webhook_id, "--json"))
    assert "No webhook yet" in call(home, "webhooks", "list").stdout


def test_a_private_address_is_said_aloud(settings: Settings) -> None:
    assert "private network" in call(settings.home, "webhooks", "add", URL).stdout


def test_what_cannot_be_used_is_named(settings: Settings) -> None:
    home = settings.home
    assert "ftp://x" in error_of(call(home, "webhooks", "add", "ftp://x", "--json"))["message"]
    assert "min_score" in error_of(call(home, "webhooks", "add", URL, "--min-score", "2", "--json"))["message"]
    assert "wh_0" in error_of(call(home, "webhooks", "remove", "wh_0", "--json"))["message"]
    assert "wh_0" in error_of(call(home, "webhooks", "pause", "wh_0", "--json"))["message"]
    warehouse = Warehouse.open(settings)
    assert list_webhooks(warehouse) == []
    warehouse.close()
