"""`intentlens replay`: play a shop's past through the collector of a running server."""

import json
import urllib.error
import urllib.request
from typing import Any

import click

from app.cli.home import common_options, settings_of
from app.cli.output import say
from core.errors import InvalidReplayError
from core.settings import Settings

TIMEOUT_S = 30


@click.command("replay")
@click.option("--speed", type=click.FloatRange(min=0), default=60.0, show_default=True, help="0: as fast as possible.")
@click.option("--source", type=click.Choice(["sample", "stored"]), default="sample", show_default=True)
@click.option("--import", "import_id", metavar="IMPORT", help="Play this import instead.")
@click.option("--start", type=click.DateTime(), help="From this moment on, UTC.")
@click.option("--end", type=click.DateTime(), help="Up to this moment, UTC.")
@click.option("--stop", "action", flag_value="stop", help="Stop the replay that is going on.")
@click.option("--remove", "action", flag_value="remove", help="Remove all that replays brought.")
@click.option("--url", help="The server's address; by default the one that the settings say.")
@common_options
def replay(
    speed: float,
    source: str,
    import_id: str | None,
    start: Any,
    end: Any,
    action: str | None,
    url: str | None,
    home: str | None,
    as_json: bool,
) -> None:
    """Play stored events again on a running server, with visitors and events of their own; the Live page shows them."""
    settings = settings_of(home)
    order: dict[str, Any] = {"action": action or "start"}
    if action is None:
        order |= {"speed": speed, "source": "import" if import_id else source, "import_id": import_id}
        order |= {
            name: None if moment is None else moment.isoformat() for name, moment in (("start", start), ("end", end))
        }
    told = _post(settings, url or f"http://{settings.host}:{settings.port}", order)
    say(told, _words(told), as_json=as_json)


def _post(settings: Settings, url: str, order: dict[str, Any]) -> dict[str, Any]:
    """The server's answer.

    Raises:
        InvalidReplayError: no server answers there, or it refuses; in its words.
    """
    headers = {"Content-Type": "application/json"} | ({"X-API-Key": settings.api_key} if settings.api_key else {})
    request = urllib.request.Request(f"{url.rstrip('/')}/v1/replay", json.dumps(order).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the address is the user's own
            told: dict[str, Any] = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise InvalidReplayError(_refusal(error)) from error
    except (OSError, ValueError) as error:
        message = (
            f"No IntentLens server answers at '{url}' ({error}); start one by 'intentlens serve', or name it by --url."
        )
        raise InvalidReplayError(message) from error
    return told


def _refusal(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"]["message"])
    except (ValueError, KeyError, TypeError):  # no server of ours
        return f"'{error.url}' answered {error.code}; is it an IntentLens server?"


def _words(told: dict[str, Any]) -> str:
    if "removed" in told:
        return f"{told['removed']:,} replayed events were removed."
    speed = f"{told['speed']:g}×" if told["speed"] else "as fast as possible"
    return f"Replay {told['name'] or '–'}: {told['state']}, {told['sent']:,} of {told['total']:,} events, {speed}."
