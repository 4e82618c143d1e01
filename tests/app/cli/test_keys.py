"""`intentlens keys`, also while a server owns the folder."""

from core.collect.write_keys import WriteKeys
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.app.cli.calling import call, error_of, told


def test_keys_are_made_listed_and_revoked_while_a_server_runs(settings: Settings) -> None:
    home = settings.home
    warehouse = Warehouse.open(settings)
    made = told(call(home, "keys", "create", "web shop", "--events-per-second", "50", "--json"))
    assert WriteKeys(home).find(made["write_key"]) is not None
    [listed] = told(call(home, "keys", "list", "--json"))["keys"]
    assert (listed["key_id"], listed["source"], listed["events_per_second"]) == (made["key_id"], "web shop", 50)
    assert made["write_key"] not in call(home, "keys", "list").stdout
    told(call(home, "keys", "revoke", made["key_id"], "--json"))
    assert WriteKeys(home).find(made["write_key"]) is None
    warehouse.close()


def test_an_unknown_key_and_an_empty_source_are_named(settings: Settings) -> None:
    assert "key-0" in error_of(call(settings.home, "keys", "revoke", "key-0", "--json"))["message"]
    assert error_of(call(settings.home, "keys", "create", " ", "--json"))["message"]
    assert "No write key yet" in call(settings.home, "keys", "list").stdout
