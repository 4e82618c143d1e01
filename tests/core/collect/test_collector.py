"""Whatever JSON a tracker sends, each message ends among the events or the refusals, in every dialect."""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.collect.collector import Post, collect
from core.collect.dialects import GA4, POSTHOG, SEGMENT, Dialect
from core.events.times import parse_time, parse_times

NOW = datetime(2026, 5, 4, 10, 0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KEYS = {
    "segment": "type event messageId anonymousId userId previousId timestamp sentAt properties traits context name",
    "posthog": "event uuid distinct_id timestamp offset properties",
    "ga4": "name params client_id user_id timestamp_micros",
}
GOOD = {
    "segment": {"type": "track", "event": "Product Viewed", "anonymousId": "v"},
    "posthog": {"event": "Product Viewed", "distinct_id": "v", "timestamp": "2026-05-04T09:00:00Z"},
    "ga4": {"name": "view_item", "client_id": "v"},
}


@pytest.mark.parametrize("dialect", [SEGMENT, POSTHOG, GA4], ids=lambda dialect: dialect.name)
def test_no_message_is_lost_and_none_breaks_another(dialect: Dialect) -> None:
    names = KEYS[dialect.name].split()
    odd = st.dictionaries(st.sampled_from(names), JSON, max_size=6).map(lambda more: GOOD[dialect.name] | more)

    @settings(deadline=None, max_examples=60)
    @given(st.lists(JSON | odd, max_size=5), st.lists(odd, max_size=3))
    def check(first: list[Any], second: list[Any]) -> None:
        posts = [Post(messages, dialect, "web", NOW) for messages in (first, second, [GOOD[dialect.name]])]
        collected = collect(posts)
        for post, ids, refusals in zip(posts, collected.event_ids, collected.refusals, strict=True):
            assert len(ids) + len(refusals) == len(post.messages)
        assert len(collected.event_ids[2]) == 1
        assert len(collected.events) == sum(map(len, collected.event_ids))
        assert set(collected.events["source"].to_pylist()) == {"web"}
        for text in collected.events["properties"].to_pylist():
            assert text is None or isinstance(json.loads(text), dict)

    check()


@pytest.mark.parametrize(
    ("told", "seconds_ago"),
    [
        ({"offset": 90_500}, 90.5),
        ({"offset": 0}, 0),
        ({"offset": -5}, 0),
        ({"offset": 1e300}, 0),
        ({"offset": True}, 0),
        ({"offset": "90500"}, 0),
        ({"offset": 90_500, "timestamp": "2026-05-04T09:00:00Z"}, 3600),
    ],
)
def test_posthogs_browser_library_tells_an_events_age(told: dict[str, Any], seconds_ago: float) -> None:
    message = {"event": "Product Viewed", "distinct_id": "v"} | told
    [at] = collect([Post([message], POSTHOG, "web", NOW)]).events["occurred_at"].to_pylist()
    assert (NOW - at).total_seconds() == seconds_ago


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.sampled_from(["", "Z", "+02:00", "-09:30"]))
def test_the_quick_way_to_read_a_time_is_the_column_way(at: datetime, zone: str) -> None:

    for text in (at.isoformat() + zone, at.isoformat(timespec="milliseconds") + zone):
        assert parse_time(text) == parse_times(pa.array([text]))[0].as_py()


def test_half_a_surrogate_pair_is_mended_and_not_refused() -> None:
    message = GOOD["segment"] | {"messageId": "m", "properties": {"note": "cut \ud83d"}}
    collected = collect([Post([message], SEGMENT, "web", NOW)])
    assert json.loads(collected.events["properties"][0].as_py()) == {"note": "cut ?"}


@pytest.mark.parametrize("timestamp", ["0000-01-01", "0000-01-01T00:00:00Z", "99999-01-01", -(10**18)])
def test_a_time_outside_of_the_calendar_is_refused_and_breaks_no_group(timestamp: str | int) -> None:
    messages = [GOOD["segment"] | {"timestamp": timestamp}, GOOD["segment"]]
    collected = collect([Post(messages, SEGMENT, "web", NOW, sent_at=NOW)])
    assert len(collected.events) == 1
    assert [refusal.index for refusal in collected.refusals[0]] == [0]


@pytest.mark.parametrize("odd", [{"event": "cut \ud83d"}, {"event": "", "note": "cut \ud83d"}])
def test_a_refused_message_with_half_a_surrogate_pair_breaks_no_other(odd: dict[str, Any]) -> None:
    message = GOOD["segment"] | odd
    collected = collect([Post([message, GOOD["segment"]], SEGMENT, "web", NOW)])
    assert (len(collected.events), [refusal.index for refusal in collected.refusals[0]]) == (1, [0])
    assert "cut ?" in collected.rejected["raw"][0].as_py()
