"""The client against the API on a real socket."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.api import collect
from app.client import IntentLens, Missed, RequestError, Update, verify_webhook
from core.collect.write_keys import create_write_key
from core.store.commit_log import CommitLog
from core.webhooks.signature import InvalidSignatureError
from tests.app.api.serving import serving
from tests.app.api.test_intent import register
from tests.app.api.test_stream import update
from tests.clients.conftest import Collector, collector
from tests.core.webhooks.receiver import Receiver, listening

__all__ = ["collector"]

PRODUCT = {"product_id": "sku-7", "name": "Kettle 水壶", "price": 39.5}


@pytest.fixture
def client(collector: Collector) -> Iterator[IntentLens]:
    with IntentLens(collector.url) as client:
        yield client


def test_events_arrive_with_their_fields_and_count_once(client: IntentLens, collector: Collector) -> None:
    at = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    for expected in ((1, 0), (0, 1)):
        told = client.track("Product Viewed", visitor_id="v/1", properties=PRODUCT, at=at, message_id="m-1")
        assert (told.added, told.duplicates, told.rejected) == (*expected, ())
    assert client.identify("ada", visitor_id="v/1", traits={"city": "Aarhus"}).added == 1
    told = client.batch([{"type": "track", "event": "Product Added", "userId": "ada"}, {"type": "nothing"}])
    assert (told.added, [refused.index for refused in told.rejected]) == (1, [1])
    events = collector.wait_for_events(3).set_index("event_name")
    viewed = events.loc["Product Viewed"]
    assert (viewed["visitor_id"], viewed["item_id"], viewed["occurred_at"].isoformat()) == (
        "v/1",
        "sku-7",
        "2026-05-04T10:00:00",
    )


def test_intents_are_answered_as_values(client: IntentLens, collector: Collector, tmp_path: Path) -> None:
    model_id = register(collector.app_context, tmp_path)
    collector.app_context.models.serving(60)
    for number in range(3):
        client.track("Product Viewed", visitor_id="v/1", properties=PRODUCT, message_id=f"m-{number}")
    answer = client.intent("v/1", explain=True)
    assert (answer.visitor_id, answer.model_version, answer.events_used) == ("v/1", model_id, 3)
    assert sum(intent.score for intent in answer.intents) == pytest.approx(1.0, abs=1e-4)
    assert answer.explanation is not None
    assert answer.explanation.intent == answer.likeliest.label
    assert len(answer.explanation.values) == 3
    (first,) = client.visitor_intent("v/1", top_k=1).intents
    assert (first.label, first.score) == (answer.likeliest.label, pytest.approx(answer.likeliest.score, abs=1e-4))
    one, other = client.intents([{"visitor_id": "v/1"}, {"visitor_id": "nobody"}])
    assert not isinstance(one, RequestError)
    assert (one.visitor_id, one.as_of, one.likeliest.label) == ("v/1", answer.as_of, first.label)
    assert isinstance(other, RequestError)
    assert other.code == "not_found"


def test_an_explanation_is_a_value(client: IntentLens, collector: Collector, tmp_path: Path) -> None:
    model_id = register(collector.app_context, tmp_path)
    collector.app_context.models.serving(60)
    for number in range(3):
        client.track("Product Viewed", visitor_id="v/1", properties=PRODUCT, message_id=f"m-{number}")
    one, other = (intent.label for intent in client.intent("v/1").intents[:2])
    told = client.explain("v/1", intent=one, against=other, method="occlusion_of_events", words="m-1")
    assert (told.intent, told.against, told.model_version, told.method) == (one, other, model_id, "occlusion_of_events")
    assert [len(row) for row in told.values] == [1, 1, 1]
    assert {word.text for word in told.words} >= {"Kettle", "水"}
    assert told.neighbours is None
    assert client.explain("v/1").intent == one
    beside = client.explain("v/1", neighbours=2).neighbours
    assert beside is not None
    assert (beside.labelled, beside.similar, beside.labels_noted) == (0, (), False)
    with pytest.raises(RequestError, match="tarot"):
        client.explain("v/1", method="tarot")
    assert client.explain("v/1", model=model_id).model_version == model_id
    with pytest.raises(RequestError, match="no model 'typo'"):
        client.explain("v/1", model="typo")


def test_a_study_is_started_followed_read_and_set_against_another(
    client: IntentLens, collector: Collector, tmp_path: Path
) -> None:
    with pytest.raises(RequestError) as raised:
        client.study("explain-1/2")
    assert (raised.value.status, raised.value.field, raised.value.value) == (404, "path", "/v1/studies/explain-1/2")
    model_id, other = (register(collector.app_context, tmp_path, name) for name in ("tiny", "other"))
    for visitor in ("v/1", "v/2"):
        client.track("Product Viewed", visitor_id=visitor, properties=PRODUCT)
    study = client.start_study(sessions=2, prefixes=0, method="occlusion_of_events")
    assert (study.model, study.sessions, study.is_over) == (model_id, 2, False)
    with pytest.raises(RequestError, match="studied already") as raised:
        client.start_study(model=model_id)
    assert (raised.value.status, raised.value.value) == (409, model_id)
    while not (study := client.study(study.study_id)).is_over:
        time.sleep(0.1)
    assert (study.status, study.error) == ("finished", None)
    assert client.studies(status="finished") == client.studies(model=model_id) == (study,)
    with pytest.raises(RequestError) as raised:
        client.cancel_study(study.study_id)
    assert (raised.value.status, raised.value.code) == (409, "already_over")
    result = client.study_result(study.study_id, parts=["type", "plausibility"], limit=1)
    assert (result.model_id, result.predictions, {*result.speaking}) == (model_id, 2, {"type"})
    (said,) = result.intents
    assert [part.name for part in result.speaking["type"][said]] == ["view"]
    assert "plausibility" in result.body
    apart = client.divergence(other, parts=["word"])
    assert (apart.model, apart.against, apart.unstudied, apart.answers) == (model_id, other, (other,), None)


def test_a_tracked_event_is_answered_with_the_intent_after_it(
    client: IntentLens, collector: Collector, tmp_path: Path
) -> None:
    told = client.track("Product Viewed", visitor_id="v/1", properties=PRODUCT, intent=True)
    assert (told.added, told.intents) == (1, ())
    assert told.intents_error is not None
    assert told.intents_error.code == "no_model"
    model_id = register(collector.app_context, tmp_path)
    collector.app_context.models.serving(60)
    told = client.track("Product Added", visitor_id="v/1", properties=PRODUCT, intent=True)
    (after,) = told.intents
    assert (told.added, told.intents_error, after.visitor_id, after.events_used) == (1, None, "v/1", 2)
    assert after.model_version == model_id
    assert after == client.visitor_intent("v/1")
    assert client.track("Product Viewed", visitor_id="v/1").intents == ()
    (known,) = client.identify("ada", visitor_id="v/1", intent=True).intents
    assert known.visitor_id == "v/1"
    views = [{"type": "track", "event": "Product Viewed", "anonymousId": name} for name in ("v/2", "v/3", "v/2")]
    told = client.batch(views, intent=True)
    assert {one.visitor_id: one.events_used for one in told.intents} == {"v/2": 2, "v/3": 1}


def test_errors_carry_what_the_server_said(client: IntentLens) -> None:
    with pytest.raises(RequestError) as raised:
        client.visitor_intent("v-1", top_k=0)
    error = raised.value
    assert (error.status, error.code, error.field, error.value) == (400, "invalid_query", "top_k", "0")
    with pytest.raises(RequestError) as raised:
        client.intent("nobody")
    assert (raised.value.status, raised.value.code) == (404, "not_found")


def test_an_answer_that_is_not_the_apis_is_an_error_of_the_client(collector: Collector) -> None:
    with IntentLens(f"{collector.url}/v1/docs?") as client, pytest.raises(RequestError) as raised:
        client.visitor_intent("v-1")
    assert (raised.value.status, raised.value.code) == (200, "no_json")


def test_it_asks_again_when_the_server_says_so_and_the_event_counts_once(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "ANSWER_WITHIN_S", 0.1)
    hold, waited, append = threading.Event(), [], CommitLog.append

    def append_late(log: CommitLog, payloads: Sequence[bytes]) -> int:
        hold.wait(20)
        return append(log, payloads)

    monkeypatch.setattr(CommitLog, "append", append_late)

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            hold.set()
            time.sleep(0.5)

    with IntentLens(collector.url, sleep=sleep) as client:
        client.track("Product Viewed", visitor_id="v-1")
    assert waited[:2] == [2.0, 2.0]  # as Retry-After says
    collector.wait_for_events(1)


def test_it_gives_up_after_its_retries(collector: Collector) -> None:
    home, waited = collector.app_context.settings.home, []
    _, secret = create_write_key(home, "shop", now=collector.app_context.clock(), events_per_second=1)
    with IntentLens(collector.url, secret, retries=2, sleep=waited.append) as client:
        client.batch([{"type": "track", "event": "Product Viewed", "userId": "ada"}] * 2)
        with pytest.raises(RequestError) as raised:
            client.track("Product Viewed", user_id="ada")
    assert (raised.value.status, raised.value.code, len(waited)) == (429, "too_many_events", 2)
    assert raised.value.retry_after_s == waited[0] > 0


def test_a_server_that_is_not_there_is_named() -> None:
    waited: list[float] = []
    with (
        IntentLens("http://127.0.0.1:9", retries=1, sleep=waited.append) as client,
        pytest.raises(RequestError) as told,
    ):
        client.intent("v-1")
    assert (told.value.status, told.value.code) == (0, "unreachable")
    assert len(waited) == 1


def test_the_stream_goes_on_after_a_lost_connection_without_a_gap(collector: Collector) -> None:
    updates = collector.app_context.updates
    seen: list[Update | Missed] = []
    with IntentLens(collector.url, sleep=lambda _: None) as client:
        stream = client.stream(only_changes=False)

        def read() -> None:
            for told in stream:
                seen.append(told)
                if len(seen) == 4:
                    return

        reader = threading.Thread(target=read)
        reader.start()
        _until(lambda: len(collector.streams) == 1)
        _hang_up(collector)  # before the first event: the stream has told where it is
        updates.publish([update("a", "browse"), update("b", "browse")])
        _until(lambda: len(seen) == 2)
        _hang_up(collector)
        updates.publish([update("c", "browse"), update("d", "purchase")])
        reader.join(20)
    assert [told.visitor_id for told in seen if isinstance(told, Update)] == ["a", "b", "c", "d"]
    assert [told.sequence for told in seen if isinstance(told, Update)] == [1, 2, 3, 4]


def test_the_stream_says_what_was_missed_and_filters(collector: Collector) -> None:
    collector.app_context.updates.publish([update("a", "browse"), update("b", "purchase")])
    with IntentLens(collector.url) as client:
        stream = client.stream(intents=["purchase"], last_event_id="0a0b0c0d-700")
        first, second = next(stream), next(stream)
        stream.close()
    assert first == Missed(None, "server_restarted")
    assert isinstance(second, Update)
    assert (second.visitor_id, second.intents[0].label, second.occurred_at.tzinfo) == ("b", "purchase", UTC)


def _hang_up(collector: Collector) -> None:
    for subscription in list(collector.streams._open):
        collector.streams._loop.call_soon_threadsafe(subscription.end)


def _until(true, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert true()


def test_a_refused_stream_raises(collector: Collector) -> None:
    with IntentLens(collector.url) as client, pytest.raises(RequestError) as raised:
        next(client.stream(min_score=7))
    assert raised.value.field == "min_score"


def test_the_key_is_sent(settings, tmp_path: Path) -> None:
    from dataclasses import replace

    from app.context import close_context, start_context

    app_context = start_context(replace(settings, api_key="secret"))
    with serving(app_context) as server:
        with IntentLens(server.url, retries=0) as client, pytest.raises(RequestError) as raised:
            client.track("Product Viewed", visitor_id="v-1")
        assert (raised.value.status, raised.value.code) == (401, "unauthorized")
        with IntentLens(server.url, "secret") as client:
            assert client.track("Product Viewed", visitor_id="v-1").added == 1
    close_context()


def test_a_webhook_is_verified_and_read(collector: Collector) -> None:
    from core.webhooks.webhook import create_webhook

    with listening(Receiver()) as receiver:
        row = create_webhook(collector.app_context.warehouse, receiver.url)
        collector.app_context.updates.publish([update("a", "browse")])
        (received,) = receiver.wait_for(1)
    message = verify_webhook(row.secret, received.headers, received.body)
    assert (message.id, message.type) == (received.message_id, "intent.changed")
    assert [told.visitor_id for told in message.updates] == ["a"]
    with pytest.raises(InvalidSignatureError):
        verify_webhook(row.secret, received.headers, received.body + b" ")


def test_it_loads_nothing_heavy() -> None:
    heavy = ("torch", "duckdb", "streamlit", "pandas", "numpy", "pyarrow", "starlette", "pydantic")
    code = f"import sys, app.client; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
