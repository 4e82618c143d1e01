"""The rows of the what-if editor: the session's events as edited, removed ones still among them."""

from typing import TYPE_CHECKING, Any

from app.views.visitor_records import records_of_rows, rows_with_items

if TYPE_CHECKING:
    from app.views.what_if_state import Asked
    from core.explain.edits import Edit

_SHOWN = ("event_id", "t", "type", "item_id", "query", "text", "price", "currency")


def editor_rows(asked: "Asked") -> list[dict[str, Any]]:
    """One row an event: what it is now, how it came to be so (`mark`), and whether a session begins with it."""
    from core.explain.edits import Remove

    removed = {edit.event_id for edit in asked.edits if isinstance(edit, Remove)}
    marks = {edit.event_id: mark_of(edit) for edit in asked.edits}
    kept = [edit for edit in asked.edits if not isinstance(edit, Remove)]
    events = asked.what_if.edited(kept)
    records = records_of_rows(rows_with_items(events, asked.what_if.items))
    rows, before, number = [], None, 0
    for record in records:
        gone = record["event_id"] in removed
        number += not gone
        row = {name: record[name] for name in _SHOWN}
        rows.append(
            row
            | {
                "n": number if not gone else "–",
                "subject": record["query"] or record["title"] or record["text"] or record["item_id"] or "",
                "gap_s": 0 if before is None else (record["t"] - before["t"]) / 1000,
                "mark": "removed" if gone else marks.get(record["event_id"], ""),
                "starts": before is not None and before["session_id"] != record["session_id"],
            }
        )
        before = before if gone else record
    return rows


def mark_of(edit: "Edit") -> str:
    """The word for what an edit does."""
    return {"Remove": "removed", "Insert": "inserted", "Move": "moved", "Change": "changed"}[type(edit).__name__]
