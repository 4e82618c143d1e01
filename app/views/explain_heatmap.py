"""What the heatmap component is given: values, what each cell is of in its units, and whom to link to."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from app.components.shared.payload import component_texts, event_type_names, locale
from app.i18n import language, speaking, t
from app.views.explain_fields import Readings, record_rows
from app.views.explain_method import unit_texts
from app.views.visitor_records import event_records, with_items
from core.events.schema import EVENT_COLUMNS

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap
    from core.model.scorer import SessionScorer


def heatmap_data(
    heatmap: "Heatmap",
    scorer: "SessionScorer",
    past: pd.DataFrame,
    items: pd.DataFrame,
    intent: dict[str, Any],
    *,
    looked_at: str | None = None,
    name: str = "heatmap",
) -> dict[str, Any]:
    """The component's data.

    Args:
        past: all events before and at the explained one, by EVENT_COLUMNS; the heatmap shows the last of them.
        items: the items those events name.
        intent: `id` and `name`; of one intent against another both in the name.
        looked_at: the event whose words and picture are shown below.
        name: of files that are downloaded.
    """
    count = len(heatmap.event_ids)
    records = event_records(with_items(past.tail(count), items))
    read = pd.DataFrame(scorer.featurizer.readings(past[list(EVENT_COLUMNS)], items)).tail(count)
    readings = [{str(name): float(value) for name, value in row.items()} for row in read.to_dict("records")]
    visitor_id = str(past["visitor_id"].iloc[-1])
    told = table_data(heatmap, records, readings, intent, visitor_id=visitor_id, name=name)
    return told | {"looked_at": looked_at}


def table_data(
    heatmap: "Heatmap",
    records: list[dict[str, Any]],
    readings: Readings,
    intent: dict[str, Any],
    *,
    visitor_id: str,
    name: str,
) -> dict[str, Any]:
    """The same of the heatmap's T events as records, with what the model's numbers were at each of them."""
    session_id = records[-1]["session_id"]
    with speaking(language()):  # asked for once, and not at each of some thousand words
        return {
            "language": locale(),
            "texts": component_texts("explain") | component_texts("explain_more") | unit_texts(heatmap),
            "types": event_type_names(),
            "intent": {"id": intent["id"], "name": intent["name"]},
            "fields": [
                {"id": field, "name": t(f"explain.field.{field}"), "help": t(f"explain.field.{field}_help")}
                for field in heatmap.fields
            ],
            "rows": record_rows(records, heatmap.fields, event_type_names(), readings),
            "values": heatmap.values.round(6).tolist(),
            "first": next(at for at, record in enumerate(records) if record["session_id"] == session_id),
            "visitor": visitor_id,
            "looked_at": None,
            "kind": heatmap.kind,
            "name": name,
        }
