"""What trackers send: durable before the answer, each message taken once by its id."""

from typing import Any

from app.api.collect import BATCH_ROUTES, GA4_ROUTES, MESSAGE_ROUTES, POSTHOG_ROUTES
from app.api.messages import Batch, Ga4Body
from app.api.operations.answers import Collected
from app.api.operations.bodies import PosthogBody, SegmentBody, TrackBody
from app.api.operations.operation import OF_BODY, Answer, Operation, Parameter, problems

_TRACKERS = OF_BODY | problems(429, 503)
_FOLLOWED = _TRACKERS | problems(403)
_INTENT = Parameter(
    "intent", "query", "Answer with the visitors' intents after these messages.", {"type": "boolean"}, True
)
_DONE = {"success": True, "status": 1, "added": 1, "duplicates": 0, "rejected": []}
_COLLECTED = Answer("On disk; a refused message is named and kept with the reason.", Collected, _DONE)
_SHOES = {"product_id": "sku-7", "name": "Walking shoes", "price": 59.9, "currency": "EUR"}
_VIEWED = {"event": "Product Viewed", "anonymousId": "v-1", "messageId": "m-1", "properties": _SHOES}
_EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "track": ("Something a shopper did", _VIEWED),
    "page": ("A page that was seen", {"anonymousId": "v-1", "messageId": "m-2", "name": "Home"}),
    "screen": ("A screen of an app", {"anonymousId": "v-1", "messageId": "m-3", "name": "Basket"}),
    "identify": ("Who a visitor is", {"anonymousId": "v-1", "userId": "ada", "messageId": "m-4"}),
    "alias": ("A user under another id", {"userId": "ada", "previousId": "v-1", "messageId": "m-5"}),
    "group": ("A user's company", {"userId": "ada", "groupId": "team-1", "messageId": "m-6"}),
}


def _message(kind: str) -> Operation:
    summary, example = _EXAMPLES[kind]
    paths = {
        path: f"{kind}{'' if path.endswith(kind) else 'ByLetter'}" for path, k in MESSAGE_ROUTES.items() if k == kind
    }
    return Operation(
        method="post",
        paths=paths,
        tag="Collect",
        access="write key",
        summary=f"{summary}, in Segment's and RudderStack's shape",
        words="Browsers' libraries use the path of one letter.",
        parameters=(_INTENT,),
        body=TrackBody if kind == "track" else SegmentBody,
        examples={kind: example},
        answers={200: _COLLECTED} | _FOLLOWED,
    )


_BATCH = Operation(
    method="post",
    paths={path: f"batch{path.rpartition('/')[2].title()}" for path in BATCH_ROUTES},
    tag="Collect",
    access="write key",
    summary="Many messages, in Segment's and RudderStack's shape",
    words="A message that cannot be used is named in the answer and keeps no other out.",
    parameters=(_INTENT,),
    body=Batch,
    examples={"batch": {"batch": [{"type": "track"} | _VIEWED], "sentAt": "2026-05-04T10:00:00.000Z"}},
    answers={200: _COLLECTED} | _FOLLOWED,
)
_POSTHOG = Operation(
    method="post",
    paths={
        path + slash: f"posthog{''.join(part.title() for part in path.split('/'))}{'Slash' if slash else ''}"
        for path in POSTHOG_ROUTES
        for slash in ("", "/")
    },
    tag="Collect",
    access="write key",
    summary="Events in PostHog's shape",
    body=PosthogBody,
    examples={
        "batch": {"api_key": "il_…", "batch": [{"event": "$pageview", "distinct_id": "v-1", "uuid": "u-1"}]},
        "one": {"event": "product viewed", "distinct_id": "v-1", "properties": _SHOES},
    },
    answers={200: _COLLECTED} | _TRACKERS,
)
_SECRET = Parameter("api_secret", "query", "The write key, as the protocol has it.", {"type": "string"})
_MEASUREMENT = Parameter("measurement_id", "query", "Taken and not used.", {"type": "string"}, "G-1")
_GA4_EXAMPLE = {"client_id": "1.2", "events": [{"name": "view_item", "params": {"items": [{"item_id": "sku-7"}]}}]}


def _ga4(path: str) -> Operation:
    debugging = path.startswith("/debug")
    answer = {200: _COLLECTED} if debugging else {204: Answer("Taken, or kept as rejected.")}
    return Operation(
        method="post",
        paths={path: "ga4Debug" if debugging else "ga4"},
        tag="Collect",
        access="write key",
        summary="A client's events in the shape of GA4's Measurement Protocol" + (", named" if debugging else ""),
        parameters=(_SECRET, _MEASUREMENT),
        body=Ga4Body,
        examples={"events": _GA4_EXAMPLE},
        answers=answer | _TRACKERS,
    )


COLLECTING = (*(_message(kind) for kind in _EXAMPLES), _BATCH, _POSTHOG, *(_ga4(path) for path in GA4_ROUTES))
