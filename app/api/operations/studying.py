"""Studies of a model's explanations, and what two models differ in."""

from typing import Any

from app.api.divergence import DIVERGENCE_URL
from app.api.divergence import PARTS as DIVERGENCE_PARTS
from app.api.messages import StudyOrder
from app.api.operations.operation import NAMES, OF_BODY, Answer, Operation, Parameter, problems
from app.api.operations.study_answers import Divergence, StudyBody, StudyList, StudyResult
from app.api.studies import CANCEL_URL, MOST_LISTED, RESULT_URL, STATES, STUDIES_URL, STUDY_URL, USUALLY_LISTED

_STUDY: dict[str, Any] = {
    "study_id": "explain-20260504-100000-1f0c",
    "model": "m-20260504-1000",
    "method": "integrated_gradients",
    "sessions": 1000,
    "prefixes": 500,
    "seed": 0,
    "status": "running",
    "phase": "faithfulness",
    "step": 250,
    "total": 1000,
    "progress": 0.25,
    "eta_s": 540.0,
    "created_at": "2026-05-04T10:00:00.000Z",
    "started_at": "2026-05-04T10:00:01.000Z",
    "finished_at": None,
    "error": None,
    "measured": None,
}
_QUEUED = _STUDY | {"status": "queued", "phase": "", "step": 0, "total": 0, "progress": 0.0, "eta_s": None}
_QUEUED |= {"started_at": None}
_SPOKEN = {"name": "sale", "value": 0.12, "low": 0.08, "high": 0.15, "n": 84, "visitors": 61}
_RESULT: dict[str, Any] = {
    "study_id": "explain-20260504-100000-1f0c",
    "model_id": "m-20260504-1000",
    "method": "integrated_gradients",
    "unlabelled": True,
    "predictions": 1000,
    "intents": {"browse": 610, "deal": 390},
    "reliability": {"trust": 905, "careful": 83, "unreliable": 12},
    "sanity": {"verdict": "changes", "largest_median": 0.11},
    "pointing": "few",
    "speaking": {"transition": {}, "word": {"deal": [_SPOKEN]}},
}
_SCORE = {"value": 0.88, "low": 0.86, "high": 0.9, "n": 2000}
_DIFFERENCE = {
    "name": "sale",
    "first": 0.12,
    "second": -0.02,
    "value": 0.14,
    "low": 0.1,
    "high": 0.18,
    "n_first": 84,
    "n_second": 71,
    "adjusted_p": 0.0004,
}
_DIVERGENCE: dict[str, Any] = {
    "model": "m-20260504-1000",
    "against": "m-20260401-0900",
    "answers": {
        "source": "scored",
        "sessions": 2000,
        "visitors": 1450,
        "agreement": _SCORE,
        "kappa": _SCORE | {"value": 0.81, "low": 0.78, "high": 0.84},
        "intents": ["browse", "deal"],
        "confusion": [[1200, 90], [150, 560]],
        "per_intent": [
            {"intent": "deal", "first": 710, "second": 650, "both": 560, "agreement": 0.82, "low": 0.79, "high": 0.85}
        ],
        "furthest": [
            {
                "session_id": "v-1:1",
                "visitor_id": "v-1",
                "event_id": "m-2",
                "first": "deal",
                "second": "browse",
                "first_probability": 0.97,
                "second_probability": 0.93,
                "divergence": 0.81,
            }
        ],
    },
    "study": {
        "unstudied": [],
        "methods": ["integrated_gradients", "integrated_gradients"],
        "shared_sessions": 968,
        "intents": ["browse", "deal"],
        "differences": {"word": {"deal": [_DIFFERENCE]}},
    },
}
_NAME = {"type": "string", "minLength": 1, "maxLength": 1000}
_ID = Parameter("study_id", "path", "As the list names it.", {"type": "string", "minLength": 1}, _STUDY["study_id"])
_ROWS = Parameter(
    "limit",
    "query",
    "Rows of each list, the largest first; all without.",
    {"type": "integer", "minimum": 1, "maximum": 100_000},
    20,
)
_INTENT = Parameter("intent", "query", "Only these intents; may be repeated.", NAMES, ["deal"])
_PAGE = problems(401, 403)
_RESULT_PARTS = ("measures", "randomized", "field", "type", "transition", "word", "dependence", "plausibility")


def _parts(names: tuple[str, ...]) -> Parameter:
    schema = {**NAMES, "items": {"type": "string", "enum": list(names)}}
    return Parameter("part", "query", "Only these parts; may be repeated; all without.", schema, ["word"])


STUDYING = (
    Operation(
        method="post",
        paths={STUDIES_URL: "startStudy"},
        tag="Study",
        access="page",
        summary="Study what speaks for each intent of a model, over many sessions",
        words=(
            "A job explains so many sessions, measures every heatmap, and sweeps price and pause in so many prefixes. "
            "It takes some minutes for the usual 150 sessions, and runs after the jobs that wait already. Location "
            "says where it is told of. A model is studied once at a time (409 with the Location of that study). The "
            "Evaluate page shows the newest study of a model."
        ),
        body=StudyOrder,
        examples={"champion": {"sessions": 1000}, "model": {"model": "m-20260504-1000", "prefixes": 0}},
        answers={202: Answer("Queued.", StudyBody, _QUEUED, headers={"Location": "The study's path."})}
        | OF_BODY
        | problems(403, 404, 409, 503),
    ),
    Operation(
        method="get",
        paths={STUDIES_URL: "listStudies"},
        tag="Study",
        access="page",
        summary="All studies",
        parameters=(
            Parameter("model", "query", "Only of this model.", _NAME, _STUDY["model"]),
            Parameter("status", "query", "Only these.", {"type": "string", "enum": list(STATES)}, "finished"),
            Parameter(
                "limit",
                "query",
                "How many.",
                {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": USUALLY_LISTED},
            ),
        ),
        answers={200: Answer("The newest first.", StudyList, {"studies": [_STUDY]})} | _PAGE | problems(400),
    ),
    Operation(
        method="get",
        paths={STUDY_URL: "getStudy"},
        tag="Study",
        access="page",
        summary="How far a study is",
        parameters=(_ID,),
        answers={200: Answer("As it is now.", StudyBody, _STUDY)} | _PAGE | problems(404),
    ),
    Operation(
        method="post",
        paths={CANCEL_URL: "cancelStudy"},
        tag="Study",
        access="page",
        summary="Cancel a study that waits or runs",
        words="One that runs stops after the session it is at; nothing of it is kept.",
        parameters=(_ID,),
        answers={202: Answer("It was asked to stop.", StudyBody, _STUDY)} | _PAGE | problems(404, 409),
    ),
    Operation(
        method="get",
        paths={RESULT_URL: "getStudyResult"},
        tag="Study",
        access="page",
        summary="What a finished study found",
        words=(
            "What fields, event types, transitions and words add to an intent where the model says it, with 95 % "
            "intervals over visitors; faithfulness, shuffled weights and plausibility; partial dependence on price, "
            "pause and absence. The whole is large: choose parts, intents, and how many rows."
        ),
        parameters=(_ID, _parts(_RESULT_PARTS), _INTENT, _ROWS),
        answers={200: Answer("The verdicts, and the parts asked for.", StudyResult, _RESULT)}
        | _PAGE
        | problems(400, 404, 409, 503),
    ),
    Operation(
        method="get",
        paths={DIVERGENCE_URL: "getDivergence"},
        tag="Study",
        access="page",
        summary="Where two models differ",
        words=(
            "answers compares what both say of the same sessions, labelled or not; the other parts compare what "
            "speaks for an intent in the newest study of each, with intervals that draw the same visitors for both."
        ),
        parameters=(
            Parameter("against", "query", "The second model.", _NAME, "m-20260401-0900", required=True),
            Parameter("model", "query", "The first model; the one that serves without.", _NAME, _STUDY["model"]),
            _parts(DIVERGENCE_PARTS),
            _INTENT,
            _ROWS,
        ),
        answers={200: Answer("The parts asked for.", Divergence, _DIVERGENCE)} | _PAGE | problems(400, 404, 503),
    ),
)
