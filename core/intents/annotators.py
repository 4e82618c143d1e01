"""How each annotator works: number, speed, skips, agreement with the others and with gold, and what should be asked."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.intents.agreement import meetings
from core.store.bulk_labels import IS_BULK
from core.store.frames import read_frame
from core.store.warehouse import Warehouse

FlagKind = Literal["too_fast", "hasty_share", "drifting", "apart", "one_intent", "rubber_stamp", "skips"]
Against = Literal["others", "gold"]

HASTY_MS, FAST_MS = 500, 2000
"""Below the first nobody has read a session; a median below the second is a sign of it."""
LEAST_LABELS = 20
LEAST_MEETINGS = 20
LEAST_PLANTED = 3
MOST_HASTY, MOST_OF_ONE, MOST_SKIPS, MOST_PLANTED = 0.1, 0.95, 0.5, 1 / 3
LEAST_AGREEMENT = 0.5
LEAST_DROP = 0.15
CHANCE = 1.645
"""Quantile of the normal distribution for a one-sided test at 5 %."""
BLOCK, MOST_BLOCKS = 10, 8

_WORK = f"""
    WITH acts AS (
        SELECT *, sequence IN (SELECT sequence FROM current_annotations) AS stands, {IS_BULK} AS bulk,
            CASE WHEN intent IS NOT NULL AND status IN ('submitted', 'unsure', 'disputed') THEN lead_time_ms END AS took
        FROM resolved_annotations WHERE status <> 'undone'
    )
    SELECT annotator, count(*) FILTER (stands AND intent IS NOT NULL AND status <> 'gold' AND NOT bulk) AS labels,
        count(*) FILTER (stands AND bulk) AS in_bulk,
        count(*) FILTER (stands AND status = 'skipped') AS skips, count(*) FILTER (stands AND status = 'gold') AS gold,
        count(took) AS timed, median(took) AS median_ms, quantile_cont(took, 0.05) AS low_ms,
        quantile_cont(took, 0.25) AS quarter_ms, quantile_cont(took, 0.75) AS three_quarters_ms,
        quantile_cont(took, 0.95) AS high_ms, avg((took < $hasty)::INTEGER) AS hasty,
        avg((took < $fast)::INTEGER) AS fast,
        count(DISTINCT created_at::DATE) AS days, mode(intent) FILTER (stands AND NOT bulk) AS most_said,
        min(created_at) AS first_at, max(created_at) AS last_at
    FROM acts GROUP BY annotator ORDER BY labels DESC, annotator
"""

_MOST_SAID = f"""
    SELECT annotator, max(n) AS most FROM (
        SELECT annotator, intent, count(*) AS n FROM current_annotations
        WHERE intent IS NOT NULL AND status IN ('submitted', 'unsure', 'disputed') AND NOT {IS_BULK} GROUP BY ALL)
    GROUP BY annotator
"""

_SUGGESTED = f"""
    SELECT annotator, count(*) FILTER (NOT planted) AS shown, count(*) FILTER (NOT planted AND accepted) AS accepted,
        count(*) FILTER (planted) AS planted, count(*) FILTER (planted AND accepted) AS planted_accepted,
        median(latency_ms) FILTER (accepted) AS accepted_ms
    FROM (
        SELECT annotator, coalesce(TRY_CAST(suggestion ->> '$.planted' AS BOOLEAN), false) AS planted,
            coalesce(TRY_CAST(suggestion ->> '$.blind' AS BOOLEAN), false) AS blind,
            coalesce(TRY_CAST(suggestion ->> '$.accepted' AS BOOLEAN), suggestion ->> '$.value' = intent, false)
                AS accepted,
            TRY_CAST(suggestion ->> '$.latency_ms' AS DOUBLE) AS latency_ms
        FROM annotations
        WHERE suggestion IS NOT NULL AND intent IS NOT NULL AND status IN ('submitted', 'unsure', 'disputed')
            AND NOT {IS_BULK})
    WHERE NOT blind GROUP BY annotator
"""


@dataclass(frozen=True)
class Flag:
    """Something to talk about with an annotator: `value` is the figure behind it, of `base` labels.

    before: what `value` was earlier, for `drifting`; intent: the one that is said, for `one_intent`.
    """

    annotator: str
    kind: FlagKind
    value: float
    base: int
    before: float | None = None
    intent: str | None = None


def annotator_work(warehouse: Warehouse) -> pd.DataFrame:
    """One row an annotator, those of most labels first.

    Columns: annotator, labels (given one by one), in_bulk, skips, gold (current ones), timed (labels whose lead time is
    known), median_ms, low_ms, quarter_ms, three_quarters_ms, high_ms (5, 25, 75 and 95 %), hasty (share under 500 ms),
    fast (under 2 s), days, a_day, skip_share, most_said, most_share, first_at, last_at, shown, accepted (suggestions),
    planted, planted_accepted (those that are wrong on purpose), accepted_ms.
    """
    work = read_frame(warehouse, _WORK, {"hasty": HASTY_MS, "fast": FAST_MS})
    for query in (_MOST_SAID, _SUGGESTED):
        work = work.merge(read_frame(warehouse, query), on="annotator", how="left")
    counted = ["shown", "accepted", "planted", "planted_accepted"]
    work[counted] = work[counted].fillna(0).astype("int64")
    acts = work["labels"] + work["skips"]
    return work.assign(
        a_day=work["labels"] / work["days"].clip(lower=1),
        skip_share=(work["skips"] / acts).where(acts > 0),
        most_share=(work["most"] / work["labels"]).where(work["labels"] > 0),
    ).drop(columns="most")


def agreement_of_each(votes: pd.DataFrame) -> pd.DataFrame:
    """Columns annotator, met, agreed (share of meetings with the others), golds, right (share of those with gold).

    A meeting is another annotator's vote on the same target; gold that an annotator gave oneself is left out.
    """
    met = meetings(votes)
    others = met.assign(same=met["intent"] == met["other"]).groupby("annotator")["same"].agg(met="size", agreed="mean")
    judged = _with_gold(votes)
    right = judged.assign(same=judged["intent"] == judged["other"]).groupby("annotator")["same"]
    joined = others.join(right.agg(golds="size", right="mean"), how="outer")
    joined[["met", "golds"]] = joined[["met", "golds"]].fillna(0).astype("int64")
    named: pd.DataFrame = joined.rename_axis("annotator").reset_index()
    return named


def agreement_over_time(votes: pd.DataFrame, against: Against = "others") -> pd.DataFrame:
    """Agreement with the others, or with others' gold, in blocks of as many comparisons in the order of labelling.

    Columns: annotator, block, at (middle of its times), agreed, n. Fewer than ten comparisons make no block.
    """
    compared = meetings(votes) if against == "others" else _with_gold(votes)
    rows = []
    for annotator, part in compared.sort_values("created_at", kind="stable").groupby("annotator", sort=True):
        blocks = min(MOST_BLOCKS, len(part) // BLOCK)
        for number, places in enumerate(np.array_split(np.arange(len(part)), blocks) if blocks else []):
            block = part.iloc[places]
            agreed = float((block["intent"] == block["other"]).mean())
            rows.append((annotator, number, block["created_at"].iloc[len(block) // 2], agreed, len(block)))
    return pd.DataFrame(rows, columns=["annotator", "block", "at", "agreed", "n"])


def _with_gold(votes: pd.DataFrame) -> pd.DataFrame:
    """Votes on targets that somebody else settled, the gold intent in `other`."""
    judged = votes[votes["gold"].notna() & (votes["gold_by"] != votes["annotator"])]
    return judged.assign(other=judged["gold"])


def find_flags(work: pd.DataFrame, votes: pd.DataFrame) -> list[Flag]:
    """What stands out, annotator by annotator; nothing is said on few labels."""
    met = meetings(votes).sort_values("created_at", kind="stable")
    flags: list[Flag] = []
    for row in work.merge(agreement_of_each(votes), on="annotator", how="left").to_dict("records"):
        name = str(row["annotator"])
        flags += _of_speed(name, row) + _of_choice(name, row) + _of_agreement(name, row)
        flags += _of_drift(name, met[met["annotator"] == name])
    return flags


def _of_speed(name: str, row: Mapping[Hashable, Any]) -> list[Flag]:
    if row["timed"] < LEAST_LABELS:
        return []
    if row["median_ms"] < FAST_MS:
        return [Flag(name, "too_fast", float(row["median_ms"]), row["timed"])]
    return [Flag(name, "hasty_share", float(row["hasty"]), row["timed"])] if row["hasty"] > MOST_HASTY else []


def _of_choice(name: str, row: Mapping[Hashable, Any]) -> list[Flag]:
    flags: list[Flag] = []
    labels, acts, planted = row["labels"], row["labels"] + row["skips"], row["planted"]
    if labels >= LEAST_LABELS and row["most_share"] >= MOST_OF_ONE:
        flags.append(Flag(name, "one_intent", float(row["most_share"]), labels, intent=str(row["most_said"])))
    if acts >= LEAST_LABELS and row["skip_share"] > MOST_SKIPS:
        flags.append(Flag(name, "skips", float(row["skip_share"]), acts))
    if planted >= LEAST_PLANTED and row["planted_accepted"] / planted >= MOST_PLANTED:
        flags.append(Flag(name, "rubber_stamp", row["planted_accepted"] / planted, planted))
    return flags


def _of_agreement(name: str, row: Mapping[Hashable, Any]) -> list[Flag]:
    if row["met"] >= LEAST_MEETINGS and row["agreed"] < LEAST_AGREEMENT:
        return [Flag(name, "apart", float(row["agreed"]), int(row["met"]))]
    return []


def _of_drift(name: str, met: pd.DataFrame) -> list[Flag]:
    """The later half of the meetings against the earlier one: a drop beyond chance (two proportions, one-sided)."""
    half = len(met) // 2
    if half < LEAST_MEETINGS:
        return []
    same = (met["intent"] == met["other"]).to_numpy(dtype=np.float64)
    before, after = float(same[:half].mean()), float(same[half:].mean())
    if before - after < LEAST_DROP or _z(before, half, after, len(same) - half) < CHANCE:
        return []
    return [Flag(name, "drifting", after, len(same) - half, before=before)]


def _z(one: float, n: int, other: float, m: int) -> float:
    pooled = (one * n + other * m) / (n + m)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float((one - other) / spread) if spread > 0 else 0.0
