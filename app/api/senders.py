"""Who sends events: the source behind a write key, and how much of it is let in."""

from dataclasses import dataclass

from starlette.requests import Request

from app.api.access import check_access, given_keys
from app.api.errors import ApiError
from app.context import AppContext

_ANYONE = "anyone"


@dataclass(frozen=True)
class Sender:
    """Where events come from. `source` None: no write key told, so the dialect's name stands for it."""

    name: str
    source: str | None
    events_per_second: int


def sender_of(request: Request, app_context: AppContext, *told: str | None) -> Sender:
    """The sender of a request.

    Args:
        told: keys that the dialect puts elsewhere than into headers (PostHog's body, GA4's query, a browser's body).

    Raises:
        ApiError: 401 for a write key that is unknown or revoked, or for none where one is needed.
    """
    rate = app_context.settings.collect_events_per_second
    for given in (*given_keys(request), *(key for key in told if key)):
        key = app_context.write_keys.find(given)
        if key is not None:
            return Sender(key.key_id, key.source, key.events_per_second or rate)
    if app_context.write_keys.any() and not app_context.settings.api_key:
        raise ApiError(401, "unauthorized", "The write key is missing, unknown or revoked.", field="writeKey")
    check_access(request, app_context.settings, *told)
    return Sender(_ANYONE, None, rate)


def check_rate(app_context: AppContext, sender: Sender, events: int) -> None:
    """Let so many events of the sender in.

    Raises:
        ApiError: 429 with Retry-After.
    """
    wait_s = app_context.rate_limiter.wait_s(sender.name, events, sender.events_per_second)
    if wait_s:
        message = f"More than {sender.events_per_second} events per second; send this again in {wait_s} s."
        raise ApiError(429, "too_many_events", message, retry_after_s=wait_s)
