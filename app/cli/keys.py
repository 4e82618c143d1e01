"""`intentlens keys`: the write keys that trackers send by; also while a server runs on the folder."""

import click

from app.cli.home import common_options, settings_of
from app.cli.output import say, table
from core.clock import utc_now
from core.collect.write_keys import WriteKey, create_write_key, list_write_keys, revoke_write_key


@click.group()
def keys() -> None:
    """Write keys of trackers: create, list, revoke. The first one closes the collector to those without."""


@keys.command("create")
@click.argument("source", metavar="SOURCE")
@click.option("--events-per-second", default=0, show_default=True, help="More are answered 429; 0: the setting's rate.")
@common_options
def create_command(source: str, events_per_second: int, home: str | None, as_json: bool) -> None:
    """Make a key for SOURCE, the name its events carry. The key is shown this once."""
    key, secret = create_write_key(settings_of(home).home, source, now=utc_now(), events_per_second=events_per_second)
    say(_about(key) | {"write_key": secret}, f"{secret}  ({key.key_id}, source '{key.source}')", as_json=as_json)


@keys.command("list")
@common_options
def list_command(home: str | None, as_json: bool) -> None:
    """List all keys, without their secrets."""
    found = list_write_keys(settings_of(home).home)
    head = ["key", "source", "events/s", "made (UTC)", "revoked (UTC)"]
    words = table([head, *(_row(key) for key in found)], "<<><<") if found else "No write key yet: anyone may send."
    say({"keys": [_about(key) for key in found]}, words, as_json=as_json)


@keys.command("revoke")
@click.argument("key_id", metavar="KEY")
@common_options
def revoke_command(key_id: str, home: str | None, as_json: bool) -> None:
    """Refuse KEY (as `list` names it) from now on."""
    key = revoke_write_key(settings_of(home).home, key_id, now=utc_now())
    say(_about(key), f"{key.key_id} of '{key.source}' is revoked.", as_json=as_json)


def _row(key: WriteKey) -> list[str]:
    rate = str(key.events_per_second) if key.events_per_second else "-"
    return [key.key_id, key.source, rate, key.created_at, key.revoked_at or ""]


def _about(key: WriteKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "source": key.source,
        "events_per_second": key.events_per_second,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
