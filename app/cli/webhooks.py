"""`intentlens webhooks`: where changes of intents are told; while a server runs, its API does the same."""

import click

from app.cli.home import common_options, opened
from app.cli.output import say, table
from core.store.webhook_queries import WebhookRow, count_deliveries, delete_webhook, get_webhook, list_webhooks
from core.webhooks.address import is_private
from core.webhooks.webhook import change_webhook, create_webhook


@click.group()
def webhooks() -> None:
    """Tell other programs of changed intents: add, list, pause, resume, remove."""


@webhooks.command("add")
@click.argument("url", metavar="URL")
@click.option("--intent", "intents", multiple=True, help="Only changes to this intent; may be repeated.")
@click.option("--from", "previous", multiple=True, help="Only changes from this intent; may be repeated.")
@click.option("--min-score", default=0.0, show_default=True, help="Only when the new intent's score is at least this.")
@click.option("--description", default="", help="A word on what it is for.")
@common_options
def add_command(
    url: str,
    intents: tuple[str, ...],
    previous: tuple[str, ...],
    min_score: float,
    description: str,
    home: str | None,
    as_json: bool,
) -> None:
    """Post changes of intents to URL. The secret that signs them is shown this once."""
    with opened(home, create=True) as warehouse:
        row = create_webhook(
            warehouse, url, intents=intents, previous=previous, min_score=min_score, description=description
        )
    private = is_private(url)
    words = f"{row.secret}  ({row.webhook_id}, {row.url})"
    if private:
        words += "\nThis address is on this machine or in a private network; only a loopback server sends there."
    say(_about(row) | {"secret": row.secret, "private_address": private}, words, as_json=as_json)


@webhooks.command("list")
@common_options
def list_command(home: str | None, as_json: bool) -> None:
    """List all webhooks, with how many messages are due and how many were given up."""
    with opened(home) as warehouse:
        found, counts = list_webhooks(warehouse), count_deliveries(warehouse)
    about = [
        _about(row) | {status: counts.get((row.webhook_id, status), 0) for status in ("due", "dead")} for row in found
    ]
    head = ["webhook", "url", "active", "due", "dead"]
    rows = [
        [str(one["webhook_id"]), str(one["url"]), "yes" if one["active"] else "no", str(one["due"]), str(one["dead"])]
        for one in about
    ]
    say({"webhooks": about}, table([head, *rows], "<<<>>") if rows else "No webhook yet.", as_json=as_json)


@webhooks.command("pause")
@click.argument("webhook_id", metavar="ID")
@common_options
def pause_command(webhook_id: str, home: str | None, as_json: bool) -> None:
    """Send nothing to ID for now; what is due waits."""
    _switch(webhook_id, False, home, as_json)


@webhooks.command("resume")
@click.argument("webhook_id", metavar="ID")
@common_options
def resume_command(webhook_id: str, home: str | None, as_json: bool) -> None:
    """Send to ID again, what waited first."""
    _switch(webhook_id, True, home, as_json)


@webhooks.command("remove")
@click.argument("webhook_id", metavar="ID")
@common_options
def remove_command(webhook_id: str, home: str | None, as_json: bool) -> None:
    """Forget ID and what was to be delivered to it."""
    with opened(home) as warehouse:
        row = get_webhook(warehouse, webhook_id)
        delete_webhook(warehouse, webhook_id)
    say(_about(row), f"{row.webhook_id} ({row.url}) is removed.", as_json=as_json)


def _switch(webhook_id: str, active: bool, home: str | None, as_json: bool) -> None:
    with opened(home) as warehouse:
        row = change_webhook(warehouse, webhook_id, {"active": active})
    say(_about(row), f"{row.webhook_id} is {'active' if active else 'paused'}.", as_json=as_json)


def _about(row: WebhookRow) -> dict[str, object]:
    return {
        "webhook_id": row.webhook_id,
        "url": row.url,
        "description": row.description,
        "intents": row.intents,
        "previous": row.previous,
        "min_score": row.min_score,
        "active": row.active,
        "stopped_by": row.stopped_by,
        "created_at": row.created_at,
    }
