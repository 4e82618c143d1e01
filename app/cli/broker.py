"""`intentlens broker`: how far the reading of the broker's stream is; also while a server runs."""

import asyncio
from dataclasses import asdict

import click

from app.cli.home import common_options, settings_of
from app.cli.output import say
from core.collect.broker.opening import jetstream_consumer, shown_address
from core.errors import InvalidSettingError
from core.settings import Settings


@click.command()
@common_options
def broker(home: str | None, as_json: bool) -> None:
    """How much of the broker's stream is stored and how much waits. INTENTLENS_BROKER_URL names the broker."""
    settings = settings_of(home)
    if not settings.broker_url:
        raise InvalidSettingError("broker_url is not set, expected a NATS server such as nats://127.0.0.1:4222.")
    found = asyncio.run(_place(settings))
    reader = "a server reads it" if found["is_read"] else "no server reads it"
    words = (
        f"{shown_address(settings.broker_url)}, stream '{settings.broker_stream}': {found['stored']:,} messages, "
        f"{found['waiting']:,} wait, {found['out']:,} are being stored; {reader}."
    )
    say(found, words, as_json=as_json)


async def _place(settings: Settings) -> dict[str, int | bool]:
    consumer = jetstream_consumer()(settings)
    try:
        return asdict(await consumer.place())
    finally:
        await consumer.close()
