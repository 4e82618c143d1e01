"""Whether the server is well, its figures, pictures, and this documentation."""

from app.api.operations.answers import Alive, Ready
from app.api.operations.operation import Answer, Operation, Parameter, problems

_METRICS = 'intentlens_events_total{fate="accepted"} 1234.0\n'
_DOCUMENT = {"openapi": "3.1.0", "info": {"title": "IntentLens", "version": "0.1.0"}, "paths": {}}

WATCHING = (
    Operation(
        method="get",
        paths={"/healthz": "getHealth"},
        tag="Watch",
        access="free",
        summary="Whether the process answers",
        answers={200: Answer("It does.", Alive, {"status": "ok"})},
    ),
    Operation(
        method="get",
        paths={"/readyz": "getReadiness"},
        tag="Watch",
        access="free",
        summary="Whether it can answer well",
        words="Ready once the first start is through and the model, if there is one, has made its first prediction.",
        answers={200: Answer("It can.", Ready, {"status": "ready", "model": "ready"})} | problems(503),
    ),
    Operation(
        method="get",
        paths={"/metrics": "getMetrics"},
        tag="Watch",
        summary="Figures in Prometheus' text format",
        answers={200: Answer("All figures now.", None, _METRICS, "text/plain")} | problems(401, 403),
    ),
    Operation(
        method="get",
        paths={"/v1/media/{name}": "getPicture"},
        tag="Watch",
        access="free",
        summary="A product picture",
        parameters=(Parameter("name", "path", "Its file name.", {"type": "string", "minLength": 1}, "sku-7.png"),),
        answers={200: Answer("The picture.", media_type="image/*")} | problems(404),
    ),
    Operation(
        method="get",
        paths={"/v1/openapi.json": "getDocument"},
        tag="Watch",
        access="free",
        summary="This API as an OpenAPI 3.1 document",
        answers={200: Answer("The document.", None, _DOCUMENT, "application/json")},
    ),
    Operation(
        method="get",
        paths={"/v1/docs": "getDocs"},
        tag="Watch",
        access="free",
        summary="This API to read, also without a network",
        answers={200: Answer("A page.", None, None, "text/html")},
    ),
    Operation(
        method="get",
        paths={"/v1/docs/{name}": "getDocsFile"},
        tag="Watch",
        access="free",
        summary="A file of that page",
        parameters=(Parameter("name", "path", "Its name.", {"type": "string", "minLength": 1}, "docs.css"),),
        answers={200: Answer("The file.", media_type="text/*")} | problems(404),
    ),
)
