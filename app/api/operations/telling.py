"""Changes of intents as they happen: the stream, and webhooks."""

from typing import Any

from app.api.messages import NewWebhook, WebhookChange
from app.api.operations.answers import DeliveryBody, DeliveryList, MadeWebhook, WebhookBody, WebhookList
from app.api.operations.operation import NAMES, OF_BODY, Answer, Operation, Parameter, problems
from app.api.webhooks import MOST_LISTED, WEBHOOK_URL, WEBHOOKS_URL

_EVENT_ID = {"type": "string"}
_STREAM_EXAMPLE = (
    "id: 5f1c02aa-42\nevent: intent\n"
    'data: {"sequence": 42, "visitor_id": "v-1", "session_id": "v-1:1", "event_id": "m-12", "event_type": "checkout", '
    '"occurred_at": "2026-05-04T10:00:00.000Z", "model_version": "m-20260504-1000", "intent": "purchase", '
    '"previous": "browse", "changed": true, "abstained": false, "intents": [{"label": "purchase", "score": 0.71}]}\n\n'
)
_WEBHOOK: dict[str, Any] = {
    "webhook_id": "wh_1f0c9a7be2d45566",
    "url": "https://chat.example/hooks/intent",
    "description": "offer help",
    "intents": ["support"],
    "previous": [],
    "min_score": 0.6,
    "active": True,
    "stopped_by": None,
    "created_at": "2026-05-04T10:00:00.000Z",
    "due": 0,
    "dead": 0,
}
_DELIVERY: dict[str, Any] = {
    "delivery_id": "msg_0b5e2d1f9a8c7b6a5d4e3f21",
    "webhook_id": "wh_1f0c9a7be2d45566",
    "body": '{"type":"intent.changed","timestamp":"2026-05-04T10:00:00.000Z","data":{"updates":[…]}}',
    "updates": 3,
    "status": "dead",
    "tries": 8,
    "next_try_at": None,
    "last_status": 503,
    "last_error": "The receiver answered 503 Service Unavailable.",
    "created_at": "2026-05-04T10:00:00.000Z",
    "tried_at": "2026-05-04T17:12:00.000Z",
}
_QUEUED = _DELIVERY | {"status": "due", "tries": 0, "next_try_at": "2026-05-04T10:00:00.000Z"}
_ID = Parameter(
    "webhook_id", "path", "As the list names it.", {"type": "string", "minLength": 1}, "wh_1f0c9a7be2d45566"
)
_DELIVERY_ID = Parameter("delivery_id", "path", "As the list names it.", {"type": "string", "minLength": 1}, "msg_0b5e")
_STATUS = Parameter("status", "query", "Only these.", {"type": "string", "enum": ["due", "dead"]}, "dead")
_LIMIT = Parameter(
    "limit", "query", "How many.", {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 100}
)
_SIGNED = (
    "Messages are signed as Standard Webhooks (standardwebhooks.com) has it: webhook-id, webhook-timestamp, and "
    "webhook-signature, which is v1 and the HMAC-SHA256 of id.timestamp.body. Any answer but 2xx is tried again, eight "
    "times in about seven hours, then kept as a dead letter; 410 switches the webhook off. A message may come twice: "
    "tell by webhook-id. Redirects are not followed. Addresses inside networks are taken by a loopback server only."
)
_PAGE = problems(401, 403)

TELLING = (
    Operation(
        method="get",
        paths={"/v1/stream": "streamIntents"},
        tag="Tell",
        summary="Changes of shoppers' intents as server-sent events",
        words=(
            "Events of the name intent carry an update each; events of the name missed say how many were lost, and "
            "why: slow_consumer, away_too_long (10,000 are kept), server_restarted. Last-Event-ID, or last_event_id, "
            "resumes after that event. Silence is broken by comments every 15 seconds."
        ),
        parameters=(
            Parameter("intent", "query", "Only these intents; may be repeated.", NAMES, ["purchase"]),
            Parameter("previous", "query", "Only changes from these; may be repeated.", NAMES),
            Parameter("visitor_id", "query", "Only these visitors; may be repeated.", NAMES),
            Parameter("min_score", "query", "The least score.", {"type": "number", "minimum": 0, "maximum": 1}, 0.5),
            Parameter(
                "events",
                "query",
                "Only changes of the likeliest intent, or every event.",
                {"type": "string", "enum": ["changes", "all"], "default": "changes"},
            ),
            Parameter("last_event_id", "query", "As the header.", _EVENT_ID, "5f1c02aa-42"),
            Parameter("Last-Event-ID", "header", "The id of the last event that was seen.", _EVENT_ID),
        ),
        answers={200: Answer("A stream that does not end.", None, _STREAM_EXAMPLE, "text/event-stream")}
        | problems(400, 401, 403, 503),
    ),
    Operation(
        method="get",
        paths={WEBHOOKS_URL: "listWebhooks"},
        tag="Tell",
        access="page",
        summary="All webhooks",
        answers={200: Answer("Without their secrets.", WebhookList, {"webhooks": [_WEBHOOK]})} | _PAGE,
    ),
    Operation(
        method="post",
        paths={WEBHOOKS_URL: "addWebhook"},
        tag="Tell",
        access="page",
        summary="Tell changes of intents to an address",
        words=_SIGNED,
        body=NewWebhook,
        examples={"webhook": {"url": "http://127.0.0.1:9000/hooks/intent", "intents": ["support"], "min_score": 0.6}},
        answers={
            201: Answer(
                "Kept; the secret is shown this once.",
                MadeWebhook,
                _WEBHOOK | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
            )
        }
        | OF_BODY
        | problems(403, 503),
    ),
    Operation(
        method="get",
        paths={WEBHOOK_URL: "getWebhook"},
        tag="Tell",
        access="page",
        summary="One webhook",
        parameters=(_ID,),
        answers={200: Answer("Without its secret.", WebhookBody, _WEBHOOK)} | _PAGE | problems(404),
    ),
    Operation(
        method="patch",
        paths={WEBHOOK_URL: "changeWebhook"},
        tag="Tell",
        access="page",
        summary="Change a webhook, pause it or switch it on again",
        words="What waited for a paused one is sent when it is switched on.",
        parameters=(_ID,),
        body=WebhookChange,
        examples={"pause": {"active": False}},
        answers={200: Answer("As it is now.", WebhookBody, _WEBHOOK)} | OF_BODY | problems(403, 404, 503),
    ),
    Operation(
        method="delete",
        paths={WEBHOOK_URL: "removeWebhook"},
        tag="Tell",
        access="page",
        summary="Forget a webhook and what was to be delivered to it",
        parameters=(_ID,),
        answers={204: Answer("Gone.")} | _PAGE | problems(404, 503),
    ),
    Operation(
        method="post",
        paths={f"{WEBHOOK_URL}/test": "testWebhook"},
        tag="Tell",
        access="page",
        summary="Send a message without updates, to try a receiver",
        parameters=(_ID,),
        answers={202: Answer("On its way.", DeliveryBody, _QUEUED)} | _PAGE | problems(404, 503),
    ),
    Operation(
        method="get",
        paths={f"{WEBHOOK_URL}/deliveries": "listDeliveries"},
        tag="Tell",
        access="page",
        summary="Messages on their way, and dead letters",
        parameters=(_ID, _STATUS, _LIMIT),
        answers={200: Answer("The newest first.", DeliveryList, {"deliveries": [_DELIVERY]})}
        | _PAGE
        | problems(400, 404),
    ),
    Operation(
        method="post",
        paths={f"{WEBHOOK_URL}/deliveries/{{delivery_id}}/retry": "retryDelivery"},
        tag="Tell",
        access="page",
        summary="Send a message again, also a dead letter",
        parameters=(_ID, _DELIVERY_ID),
        answers={202: Answer("Due now.", DeliveryBody, _QUEUED)} | _PAGE | problems(404, 503),
    ),
)
