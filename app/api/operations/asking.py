"""Questions for intents."""

from typing import Any

from app.api.messages import MOST_QUESTIONS, ExplainQuestion, IntentQuestion, IntentQuestions
from app.api.operations.answers import ExplanationAnswer, IntentAnswer, IntentAnswers, PersonAnswer
from app.api.operations.operation import NAMES, OF_BODY, Answer, Operation, Parameter, problems

_ANSWER: dict[str, Any] = {
    "visitor_id": "v-1",
    "session_id": "v-1:1",
    "model_version": "m-20260504-1000",
    "as_of": "2026-05-04T10:00:00.000Z",
    "intents": [{"label": "purchase", "score": 0.71}, {"label": "browse", "score": 0.29}],
    "events_used": 12,
    "abstained": False,
}
_HEATMAP = {
    "model_version": "m-20260504-1000",
    "method": "integrated_gradients",
    "intent": "purchase",
    "probability": 0.71,
    "baseline_probability": 0.2,
    "event_ids": ["m-1", "m-2"],
    "fields": ["event_type", "text"],
    "values": [[0.11, 0.05], [0.3, 0.05]],
    "convergence_delta": 0.001,
    "relative_error": 0.002,
    "n_steps": 20,
    "reliability": "careful",
    "reason": "chance",
    "is_complete": True,
    "block": 1,
    "sampling_error": 0.0,
    "faithfulness": {
        "comprehensiveness": 0.4,
        "sufficiency": 0.02,
        "agreement": None,
        "left_out": 2,
        "infidelity": 0.1,
        "chance": 0.41,
        "sensitivity": None,
    },
}
_EXPLAINED = {"visitor_id": "v-1", "event_id": "m-2", "against": None} | _HEATMAP
_MISSING = {"error": {"code": "not_found", "message": "There is no event of visitor 'v-9'; send some to /v1/track …"}}
_PERSON = {
    "visitor_id": "v-1",
    "visitors": [
        {"visitor_id": "ada", "sessions": 0, "events": 0, "first_at": None, "last_at": None},
        {
            "visitor_id": "v-1",
            "sessions": 2,
            "events": 12,
            "first_at": "2026-05-01T09:00:00.000Z",
            "last_at": "2026-05-04T10:00:00.000Z",
        },
    ],
}
_MANY = {"answers": [_ANSWER, _MISSING]}
_GIVEN = [
    {
        "type": "track",
        "event": "Products Searched",
        "timestamp": "2026-05-04T10:00:00Z",
        "properties": {"query": "shoes"},
    },
    {"event_type": "add_to_cart", "occurred_at": "2026-05-04T10:01:00Z", "item_id": "sku-7", "price": 59.9},
]
TOP_K = Parameter(
    "top_k", "query", "How many intents; all without.", {"type": "integer", "minimum": 1, "maximum": 100}, 3
)
EXPLAIN = Parameter(
    "explain", "query", "Add the heatmap of the likeliest intent.", {"type": "boolean", "default": False}
)
_ONE_VISITOR = {"type": "string", "minLength": 1, "maxLength": 1000}
_VISITORS = {**NAMES, "minItems": 1}

ASKING = (
    Operation(
        method="post",
        paths={"/v1/intent": "askIntent"},
        tag="Ask",
        summary="The intent of a visitor, of a session, or of given events",
        words=(
            "Give exactly one of visitor_id, session_id and events. Given events are one visitor's, canonical or in "
            "Segment's shape, and are not stored. With explain the answer holds the heatmap of the likeliest intent at "
            "the last event: which events and fields spoke for it, and whether the heatmap can be trusted."
        ),
        body=IntentQuestion,
        examples={
            "visitor": {"visitor_id": "v-1", "top_k": 2},
            "explained": {"session_id": "v-1:1", "explain": True},
            "events": {"events": _GIVEN},
        },
        answers={200: Answer("The intents, the likeliest first.", IntentAnswer, _ANSWER | {"explanation": _HEATMAP})}
        | OF_BODY
        | problems(403, 404, 503),
    ),
    Operation(
        method="post",
        paths={"/v1/intent/batch": "askIntents"},
        tag="Ask",
        summary=f"Up to {MOST_QUESTIONS} questions at once",
        words="Each is answered or refused for itself, in the order asked; at most 20 of them may be explained.",
        body=IntentQuestions,
        examples={"questions": {"questions": [{"visitor_id": "v-1"}, {"visitor_id": "v-9", "top_k": 1}]}},
        answers={200: Answer("An answer or an error for each.", IntentAnswers, _MANY)} | OF_BODY | problems(403, 503),
    ),
    Operation(
        method="post",
        paths={"/v1/explain": "explainPrediction"},
        tag="Ask",
        summary="Why an intent, at one event",
        words=(
            "Give exactly one of visitor_id, session_id and events. Without event_id the last event is explained, "
            "without intent the likeliest. against explains why rather this intent than that. method is "
            "integrated_gradients, gradient_times_input, shapley_sampling, occlusion_of_events, occlusion_of_fields or "
            "attention_rollout, which explains nothing. thorough measures steadiness too and takes a few times as "
            "long. words names an event whose words are explained as well. model is the id of a fine-tuned model, the "
            "one that serves without; model_version in the answer says which one explains. neighbours asks for so many "
            "labelled sessions: the most similar, and those whose labels spoke most for and against the intent."
        ),
        body=ExplainQuestion,
        examples={
            "session": {"session_id": "v-1:1", "intent": "purchase"},
            "against": {"events": _GIVEN, "method": "occlusion_of_events"},
            "neighbours": {"visitor_id": "v-1", "neighbours": 5},
        },
        answers={200: Answer("The heatmap and whether to trust it.", ExplanationAnswer, _EXPLAINED)}
        | OF_BODY
        | problems(403, 404, 503),
    ),
    Operation(
        method="get",
        paths={"/v1/visitors/{visitor_id}/intent": "getVisitorIntent"},
        tag="Ask",
        summary="A visitor's intent now",
        parameters=(Parameter("visitor_id", "path", "Percent-encoded.", _ONE_VISITOR, "v-1"), TOP_K, EXPLAIN),
        answers={200: Answer("The intents, the likeliest first.", IntentAnswer, _ANSWER)}
        | problems(400, 401, 403, 404, 503),
    ),
    Operation(
        method="get",
        paths={"/v1/visitors/{visitor_id}/person": "getVisitorPerson"},
        tag="Ask",
        summary="Who else a visitor was",
        words=(
            "identify, alias and events with both ids link visitors to a user. Any of their ids finds all of them; a "
            "visitor nobody linked is alone."
        ),
        parameters=(Parameter("visitor_id", "path", "Percent-encoded.", _ONE_VISITOR, "v-1"),),
        answers={200: Answer("The visitors that are this person.", PersonAnswer, _PERSON)}
        | problems(400, 401, 404, 503),
    ),
    Operation(
        method="get",
        paths={"/v1/visitors/intent": "getVisitorsIntent"},
        tag="Ask",
        summary="The intents of several visitors now",
        words="The parameter is repeated, because an id may hold any separator: ?visitor_id=a&visitor_id=b.",
        parameters=(Parameter("visitor_id", "query", "The visitors.", _VISITORS, ["v-1", "v-9"]), TOP_K),
        answers={200: Answer("An answer or an error for each.", IntentAnswers, _MANY)} | problems(400, 401, 403, 503),
    ),
)
