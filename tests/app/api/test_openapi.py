"""The document says what the server does: every route, every body, every answer."""

import json

import jsonschema
import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from app.api.application import create_api
from app.api.openapi import document
from app.api.operations import OPERATIONS
from app.context import AppContext

OPERATIONS_WITH_BODY = [operation for operation in OPERATIONS if operation.body is not None]


def test_every_route_is_in_the_document_and_the_reverse(app_context: AppContext) -> None:
    routes = {
        (route.path.replace(":path}", "}"), method.lower())
        for route in create_api(app_context).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = {(path, method) for path, methods in document(needs_key=False)["paths"].items() for method in methods}
    assert routes == documented


def test_operation_ids_are_unique_and_every_operation_has_examples() -> None:
    described = [one for methods in document(needs_key=False)["paths"].values() for one in methods.values()]
    ids = [one["operationId"] for one in described]
    assert len(set(ids)) == len(ids)
    without = [one["operationId"] for one in described if not _has_examples(one)]
    assert without == []


def _has_examples(operation: dict) -> bool:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {"examples": True})
    answers = [content for answer in operation["responses"].values() for content in answer.get("content", {}).values()]
    json_answers = [content for content in answers if "schema" in content]
    return bool(body["examples"]) and all("example" in content for content in json_answers)


def test_examples_fit_their_schemas() -> None:
    whole = document(needs_key=True)
    for methods in whole["paths"].values():
        for operation in methods.values():
            bodies = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in bodies.get("examples", {}).values():
                _check(example["value"], bodies["schema"], whole)
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    if "schema" in content:
                        _check(content["example"], content["schema"], whole)
            for parameter in operation.get("parameters", ()):
                if "example" in parameter:
                    _check(parameter["example"], parameter["schema"], whole)


def _check(value: object, schema: dict, whole: dict) -> None:
    jsonschema.validate(value, schema | {"components": whole["components"]}, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("operation", OPERATIONS_WITH_BODY, ids=lambda one: next(iter(one.paths.values())))
def test_examples_of_bodies_are_understood(operation, client: TestClient) -> None:
    path = next(iter(operation.paths)).replace("{webhook_id}", _a_webhook(client))
    for example in operation.examples.values():
        answer = client.request(operation.method, path, json=example)
        assert answer.status_code in operation.answers, answer.text
        assert answer.status_code not in {400, 413, 415, 500}, answer.text


def _a_webhook(client: TestClient) -> str:
    made = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/", "active": False}).json()
    return str(made["webhook_id"])


def test_the_key_is_asked_for_only_where_one_is_set(client: TestClient) -> None:
    without, with_key = document(needs_key=False)["paths"], document(needs_key=True)["paths"]
    assert without["/v1/intent"]["post"]["security"] == []
    assert {"ApiKey": []} in with_key["/v1/intent"]["post"]["security"]
    assert with_key["/healthz"]["get"]["security"] == []
    assert client.get("/v1/openapi.json").json() == json.loads(json.dumps(document(needs_key=False)))
