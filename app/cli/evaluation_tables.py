"""What `intentlens evaluate` adds for a model that keeps its evaluation: quality by events seen, and flips."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from app.cli.output import table
from core.registry.models import ModelRecord

if TYPE_CHECKING:
    from core.evaluation.report import EvaluationReport

NAMES = ("model", "trees", "kgram", "base_rate")
_FLIPS = ("flips", "steady", "returning")


def evaluation_details(record: ModelRecord) -> dict[str, Any]:
    """`events_seen`, `share_seen` and `flips` as lists of rows; empty for a model without its evaluation.

    Raises:
        UnreadableFileError: the evaluation is damaged.
    """
    from core.evaluation.records import read_records
    from core.evaluation.report import make_report

    records = read_records(record.folder)
    if records is None:
        return {}
    return details_of(make_report(records))


def details_of(report: "EvaluationReport") -> dict[str, Any]:
    """The same of a report."""
    frames = {"events_seen": report.seen, "share_seen": report.shares, "flips": report.flips}
    return {name: frame.to_dict("records") for name, frame in frames.items()}


def details_words(details: dict[str, Any], model_id: str) -> list[str]:
    """The same as tables for people, or the way to get them."""
    if not details:
        return ["No evaluation was kept with this model; fine-tune again for quality by events seen and flips."]
    names = {name: model_id if name == "model" else name for name in NAMES}
    parts = []
    for key, what in (("events_seen", "events seen"), ("share_seen", "% of the session seen")):
        frame = pd.DataFrame(details[key])
        if len(frame):
            parts.append(_seen_table(frame, what, names))
    flips = [[names[row["name"]], *(_figure(row[key]) for key in _FLIPS), str(row["n"])] for row in details["flips"]]
    parts.append(table([["", "flips a session", "never", "going back", "sessions"], *flips], "<>>>>"))
    return parts


def _seen_table(frame: pd.DataFrame, what: str, names: dict[str, str]) -> str:
    """Macro-F1 a row a name, a column a point; the model's interval below its own."""
    points = list(dict.fromkeys(frame["seen"]))
    found = frame.set_index(["name", "seen"])
    rows = [[f"macro-F1 by {what}", *points]]
    for name, words in names.items():
        rows.append([words, *(_figure(found.loc[(name, point), "macro_f1"]) for point in points)])
    own = [found.loc[("model", point)] for point in points]
    rows.insert(2, ["  95 % interval", *(f"{_figure(row['low'])}-{_figure(row['high'])}" for row in own)])
    rows.append(["sessions", *(str(int(row["n"])) for row in own)])
    return table(rows, "<" + ">" * len(points))


def _figure(value: float) -> str:
    return f"{value:.2f}"
