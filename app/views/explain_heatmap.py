"""What the heatmap component is given: values, what each cell is of in its units, and whom to link to."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from app.components.shared.payload import component_texts, event_type_names, locale
from app.i18n import t
from app.views.explain_fields import heatmap_rows
from app.views.explain_method import unit_texts
from app.views.visitor_records import with_items
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
    shown = with_items(past.tail(count), items)
    read = pd.DataFrame(scorer.featurizer.readings(past[list(EVENT_COLUMNS)], items)).tail(count)
    readings = [{str(name): float(value) for name, value in row.items()} for row in read.to_dict("records")]
    in_session = (shown["session_id"] == shown["session_id"].iloc[-1]).to_numpy()
    return {
        "language": locale(),
        "texts": component_texts("explain") | component_texts("explain_more") | unit_texts(heatmap),
        "types": event_type_names(),
        "intent": {"id": intent["id"], "name": intent["name"]},
        "fields": [
            {"id": field, "name": t(f"explain.field.{field}"), "help": t(f"explain.field.{field}_help")}
            for field in heatmap.fields
        ],
        "rows": heatmap_rows(shown, heatmap.fields, event_type_names(), readings),
        "values": heatmap.values.round(6).tolist(),
        "first": int(in_session.argmax()),
        "visitor": str(past["visitor_id"].iloc[-1]),
        "looked_at": looked_at,
        "kind": heatmap.kind,
        "name": name,
    }
