"""What the labeler asks and saves; programs may too."""

from app.api.guidelines import GUIDELINES_URL
from app.api.labels import CARDS_URL, LABELS_URL
from app.api.messages import CardRequest, LabelBatch
from app.api.operations.answers import Cards, Guidelines, SavedLabels
from app.api.operations.operation import OF_BODY, Answer, Operation, Parameter, problems

_OPERATION = {"client_id": "c-1", "kind": "submit", "target_kind": "session", "session_id": "v-1:1"}
_SUBMIT = _OPERATION | {"intent": "purchase", "status": "submitted"}
_EXAMPLE_GUIDELINES = {
    "version": 1,
    "intents": {"purchase": {"text": "Going to buy now.", "yes": "Checks out.", "no": "Only looks.", "examples": []}},
}

LABELING = (
    Operation(
        method="post",
        paths={LABELS_URL: "saveLabels"},
        tag="Label",
        access="page",
        summary="An annotator's labels and undos, durable before the answer",
        words=(
            "Each operation has a client_id of the client's own, by which sending it again changes nothing. kind is "
            "submit (session_id, event_id, intent, status) or undo (undoes: a client_id)."
        ),
        body=LabelBatch,
        examples={"label": {"annotator": "mei", "operations": [_SUBMIT]}},
        answers={200: Answer("What is durable.", SavedLabels, {"acknowledged": ["c-1"], "refused": {}, "progress": {}})}
        | OF_BODY
        | problems(403, 503),
    ),
    Operation(
        method="post",
        paths={CARDS_URL: "bringCards"},
        tag="Label",
        access="page",
        summary="The next sessions for a Label page that is open",
        body=CardRequest,
        examples={"cards": {"desk": "d-1", "wanted": 5, "loaded": []}},
        answers={200: Answer("Leased to the page's annotator.", Cards, {"cards": [], "exhausted": True})}
        | OF_BODY
        | problems(403, 404, 503),
    ),
    Operation(
        method="get",
        paths={GUIDELINES_URL: "getGuidelines"},
        tag="Label",
        access="page",
        summary="How to decide for or against each intent",
        parameters=(Parameter("lang", "query", "en or zh; en where there is no text.", {"type": "string"}, "zh"),),
        answers={200: Answer("By intent.", Guidelines, _EXAMPLE_GUIDELINES)} | problems(401, 403),
    ),
)
