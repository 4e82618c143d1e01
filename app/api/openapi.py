"""GET /v1/openapi.json: the declared operations and the models behind them, as one OpenAPI 3.1 document."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.operations import OPERATIONS
from app.api.operations.operation import JSON, Access, Answer, Operation, Parameter
from app.context import AppContext

DOCUMENT_URL = "/v1/openapi.json"

_TAGS = {
    "Collect": "Events from trackers and servers, in the shapes they speak already.",
    "Ask": "The intent of a shopper, now, with the evidence.",
    "Tell": "Changes of intents as they happen: a stream, and webhooks.",
    "Label": "What people say the intents are.",
    "Study": "What speaks for each intent over many sessions, and where two models differ.",
    "Look": "Who is on the shop now, alarms, replays, and what a visitor did.",
    "Watch": "Health, figures, pictures, and this documentation.",
}
_KEYS: Mapping[str, Mapping[str, str]] = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
    "Basic": {"type": "http", "scheme": "basic", "description": "The key as user name, as Segment's clients send it."},
}


async def get_openapi(request: Request) -> Response:
    """The document of this server: it asks for the key only where one is set."""
    app_context: AppContext = request.app.state.context
    return JSONResponse(document(needs_key=bool(app_context.settings.api_key)))


def document(*, needs_key: bool) -> dict[str, Any]:
    """The whole document."""
    references, schemas = _schemas(OPERATIONS)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        for path, operation_id in operation.paths.items():
            described = _operation(operation, operation_id, references, needs_key)
            paths.setdefault(path, {})[operation.method] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "IntentLens",
            "version": version("intentlens"),
            "summary": "Behaviour in, the intent of every shopper at every event out, with the evidence.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {name: dict(key) for name, key in _KEYS.items()}},
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type[BaseModel], dict[str, Any]], dict[str, Any]]:
    """Of each model the reference to it, and all schemas by name."""
    models: dict[type[BaseModel], None] = {}
    for operation in operations:
        of_answers = (answer.model for answer in operation.answers.values())
        models.update((model, None) for model in (operation.body, *of_answers) if model is not None)
    template = "#/components/schemas/{model}"
    found, defined = models_json_schema([(model, "validation") for model in models], ref_template=template)
    return {model: found[model, "validation"] for model in models}, defined["$defs"]


def _operation(
    operation: Operation, operation_id: str, references: Mapping[type[BaseModel], dict[str, Any]], needs_key: bool
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "security": _security(operation.access, needs_key),
        "responses": {str(status): _answer(answer, references) for status, answer in operation.answers.items()},
    }
    if operation.words:
        described["description"] = operation.words
    if operation.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body is not None:
        examples = {name: {"value": value} for name, value in operation.examples.items()}
        content = {"schema": references[operation.body], "examples": examples}
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    return described


def _security(access: Access, needs_key: bool) -> list[dict[str, list[str]]]:
    return [{name: []} for name in _KEYS] if needs_key and access != "free" else []


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.words,
        "required": parameter.required or parameter.place == "path" or "minItems" in parameter.schema,
        "schema": parameter.schema,
    }
    return described if parameter.example is None else described | {"example": parameter.example}


def _answer(answer: Answer, references: Mapping[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.words}
    if answer.headers:
        described["headers"] = {
            name: {"description": words, "schema": {"type": "string" if name == "Location" else "integer"}}
            for name, words in answer.headers.items()
        }
    if answer.model is not None or answer.example is not None or answer.media_type != JSON:
        content: dict[str, Any] = {"schema": references[answer.model]} if answer.model else {}
        if answer.example is not None:
            content["example"] = answer.example
        described["content"] = {answer.media_type: content}
    return described
