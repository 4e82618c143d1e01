"""What to put into a shop's code so that its events come here, by tracker, with address and key filled in."""

from dataclasses import dataclass

KEY_PLACEHOLDER = "WRITE_KEY"


@dataclass(frozen=True)
class Snippet:
    """A piece of code; `language` as code blocks name it."""

    name: str
    language: str
    code: str


def snippets(
    address: str, key: str, broker: str | None = None, subject: str = "intentlens.events"
) -> dict[str, tuple[Snippet, ...]]:
    """Snippets by tracker.

    Args:
        address: http(s)://host:port of this server.
        broker: that of the NATS server it reads, None without one; subject: one that it reads there.
    """
    protocol, _, host = address.partition("://")
    found = {
        "curl": (Snippet("curl", "bash", _CURL),),
        "Segment": (
            Snippet("Browser", "javascript", _SEGMENT_BROWSER),
            Snippet("Node", "javascript", _SEGMENT_NODE),
            Snippet("Python", "python", _SEGMENT_PYTHON),
        ),
        "RudderStack": (Snippet("Python", "python", _RUDDER_PYTHON),),
        "PostHog": (Snippet("Browser", "javascript", _POSTHOG_BROWSER), Snippet("Python", "python", _POSTHOG_PYTHON)),
        "GA4": (Snippet("Measurement Protocol", "bash", _GA4),),
    }
    if broker is not None:
        found["NATS"] = (Snippet("nats", "bash", _NATS),)
    values = {
        "@ADDRESS@": address,
        "@HOST@": host,
        "@PROTOCOL@": protocol,
        "@KEY@": key,
        "@BROKER@": broker or "",
        "@SUBJECT@": subject,
    }
    return {tracker: tuple(_filled(snippet, values) for snippet in of_it) for tracker, of_it in found.items()}


def _filled(snippet: Snippet, values: dict[str, str]) -> Snippet:
    code = snippet.code
    for name, value in values.items():
        code = code.replace(name, value)
    return Snippet(snippet.name, snippet.language, code.strip())


_CURL = """
curl @ADDRESS@/v1/track -u '@KEY@:' -H 'Content-Type: application/json' -d '{
  "type": "track", "event": "Product Viewed", "anonymousId": "visitor-1",
  "properties": {"product_id": "sku-7", "name": "Walking shoes", "price": 59.9, "currency": "EUR"}}'
"""

_SEGMENT_BROWSER = """
import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({
  writeKey: "@KEY@",
  cdnSettings: { integrations: { "Segment.io":
    { apiKey: "@KEY@", apiHost: "@HOST@/v1", protocol: "@PROTOCOL@" } } },
});
analytics.track("Product Viewed", { product_id: "sku-7", price: 59.9, currency: "EUR" });
"""

_SEGMENT_NODE = """
import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "@KEY@", host: "@ADDRESS@" });
analytics.track({ anonymousId: "visitor-1", event: "Product Viewed",
  properties: { product_id: "sku-7", price: 59.9, currency: "EUR" } });
await analytics.closeAndFlush();
"""

_SEGMENT_PYTHON = """
from segment.analytics import Client

client = Client("@KEY@", host="@ADDRESS@")
client.track(anonymous_id="visitor-1", event="Product Viewed",
             properties={"product_id": "sku-7", "price": 59.9, "currency": "EUR"})
client.shutdown()
"""

_RUDDER_PYTHON = """
from rudderstack.analytics.client import Client

client = Client("@KEY@", host="@ADDRESS@")
client.track(anonymous_id="visitor-1", event="Product Viewed",
             properties={"product_id": "sku-7", "price": 59.9, "currency": "EUR"})
client.shutdown()
"""

_POSTHOG_BROWSER = """
import posthog from "posthog-js";

posthog.init("@KEY@", { api_host: "@ADDRESS@" });
posthog.capture("Product Viewed", { product_id: "sku-7", price: 59.9, currency: "EUR" });
"""

_POSTHOG_PYTHON = """
from posthog import Posthog

posthog = Posthog("@KEY@", host="@ADDRESS@")
posthog.capture("Product Viewed", distinct_id="visitor-1",
                properties={"product_id": "sku-7", "price": 59.9, "currency": "EUR"})
posthog.shutdown()
"""

_GA4 = """
curl '@ADDRESS@/mp/collect?measurement_id=shop&api_secret=@KEY@' -d '{
  "client_id": "visitor-1", "events": [{"name": "view_item", "params": {
    "currency": "EUR", "value": 59.9, "items": [{"item_id": "sku-7", "item_name": "Walking shoes", "price": 59.9}]}}]}'
"""

_NATS = """
nats --server @BROKER@ pub @SUBJECT@ '{"type": "track", "event": "Product Viewed", "anonymousId": "visitor-1",
  "messageId": "message-1", "properties": {"product_id": "sku-7", "price": 59.9, "currency": "EUR"}}'
"""
