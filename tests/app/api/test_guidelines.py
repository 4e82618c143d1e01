"""GET /v1/guidelines and the version that labels carry."""

from starlette.testclient import TestClient

from app.context import AppContext
from core.intents.editing import AddExample, Merge, Rename, WriteGuideline
from core.intents.history import HistoryFilter, list_history
from core.intents.intent import Example, Guideline
from core.intents.versions import edit_taxonomy
from tests.core.intents.shop import fill_shop


def test_guidelines_are_given_in_a_language_with_links_to_their_examples(
    app_context: AppContext, client: TestClient
) -> None:
    fill_shop(app_context.warehouse)
    first = client.get("/v1/guidelines").json()
    assert (first["version"], len(first["intents"])) == (1, 7)
    edits = [
        WriteGuideline("deal", Guideline({"en": "Price.", "zh": "价格。"}, {"en": "coupon"})),
        AddExample("deal", Example("s3", "coupons only")),
        AddExample("deal", Example("gone", "", positive=False)),
        Merge("other", "browse"),
    ]
    edit_taxonomy(app_context.warehouse, edits, author="lead")
    answer = client.get("/v1/guidelines?lang=zh").json()
    assert answer["version"] == 2
    assert set(answer["intents"]) == set(first["intents"]) - {"other"}
    assert answer["intents"]["deal"] == {
        "text": "价格。",
        "yes": "coupon",  # no such text in Chinese: the English one
        "no": "",
        "examples": [
            {"session_id": "s3", "visitor_id": "v3", "why": "coupons only", "positive": True},
            {"session_id": "gone", "visitor_id": None, "why": "", "positive": False},
        ],
    }
    edit_taxonomy(app_context.warehouse, [Rename("deal", "en", "Bargain")], author="lead")
    assert client.get("/v1/guidelines").json()["version"] == 2


def test_a_foreign_page_may_not_read_them(client: TestClient) -> None:
    assert client.get("/v1/guidelines", headers={"Origin": "http://elsewhere.test"}).status_code == 403


def test_a_label_carries_the_version_it_names_and_none_where_it_names_none(
    app_context: AppContext, client: TestClient
) -> None:
    fill_shop(app_context.warehouse)
    label = {"kind": "submit", "target_kind": "session", "intent": "deal", "status": "submitted"}
    operations = [
        label | {"client_id": "c1", "session_id": "s1", "guideline_version": 3},
        label | {"client_id": "c2", "session_id": "s2"},
    ]
    answer = client.post("/v1/labels", json={"annotator": "mei", "operations": operations}).json()
    assert answer["acknowledged"] == ["c1", "c2"]
    rows = list_history(app_context.warehouse, HistoryFilter()).set_index("session_id")["guideline_version"]
    assert rows["s1"] == 3
    assert rows.isna()["s2"]
