"""A few sessions whose events are spelled out, for rules to vote on."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from core.events.schema import EVENT_SCHEMA
from core.intents.annotations import Annotation, submit_annotations
from core.store.ingest_queries import append_events
from core.store.warehouse import Warehouse
from core.weak.labeling_function import Kind, LabelingFunction

START = datetime(2026, 3, 2, 10, 0)  # a Monday
Step = tuple[str, dict[str, Any]]


def add_session(warehouse: Warehouse, name: str, *steps: str | Step, gap_s: int = 60, **shared: Any) -> None:
    """A session named after its visitor; a step is a type of event, or one with its values."""
    rows = []
    for number, step in enumerate(steps):
        event_type, values = (step, {}) if isinstance(step, str) else step
        moment = START + timedelta(seconds=number * gap_s)
        rows.append(
            dict.fromkeys(EVENT_SCHEMA.names)
            | {"event_id": f"{name}.{number}", "visitor_id": name, "session_id": name, "event_type": event_type}
            | {"occurred_at": moment, "received_at": moment}
            | shared
            | values
        )
    append_events(warehouse, pa.Table.from_pylist(rows, schema=EVENT_SCHEMA))


def fill(warehouse: Warehouse) -> None:
    """Five sessions: buyer, returner, browser, bargain hunter, and one who leaves a full cart."""
    mug = {"item_id": "mug", "price": 9.5, "category": "home"}
    add_session(warehouse, "buyer", ("view", mug), ("add_to_cart", mug), "checkout", "purchase", device="mobile")
    add_session(warehouse, "returner", ("search", {"query": "Return policy"}), ("message", {"text": "我要退货"}))
    add_session(warehouse, "browser", *[("view", {"item_id": f"i{n}", "price": 5.0 * n}) for n in range(1, 5)])
    add_session(warehouse, "hunter", ("search", {"query": "cheap mug"}), ("view", mug), "coupon", device="desktop")
    add_session(warehouse, "leaver", ("add_to_cart", mug), ("view", mug), gap_s=600)


def label(warehouse: Warehouse, session_id: str, intent: str, annotator: str = "ana", **values: Any) -> None:
    known: dict[str, Any] = {"annotation_id": f"a-{session_id}-{annotator}", "event_id": None, "target_kind": "session"}
    known |= {"client_id": f"c-{session_id}-{annotator}", "created_at": START} | values
    annotation = Annotation(session_id=session_id, intent=intent, annotator=annotator, **known)
    submit_annotations(warehouse, [annotation])


def rule(kind: Kind, definition: dict[str, Any], intent: str = "deal", **values: Any) -> LabelingFunction:
    return LabelingFunction(
        **({"rule_id": "r1", "name": "A rule"} | values), intent=intent, kind=kind, definition=definition
    )


def python(expression: str, intent: str = "deal", **values: Any) -> LabelingFunction:
    return rule("python", {"expression": expression}, intent, **values)


def sql(text: str, intent: str = "deal", **values: Any) -> LabelingFunction:
    return rule("sql", {"sql": text}, intent, **values)


def conditions(*parts: dict[str, Any], match: str = "all", intent: str = "deal", **values: Any) -> LabelingFunction:
    return rule("conditions", {"match": match, "conditions": list(parts)}, intent, **values)
