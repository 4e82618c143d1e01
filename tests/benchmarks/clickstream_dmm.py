"""The real sessions of clickstream_dmm (Ozyurt et al., WWW 2022) as canonical events, one split at a time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.events.schema import EVENT_COLUMNS, ITEM_COLUMNS
from core.training.purchase.split import Split
from core.training.purchase.task import PurchaseTask

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "clickstream_dmm"
PAGE_TYPES = 7
EVENT_TYPE_OF_PAGE = ("page", "view_list", "click", "view", "search", "share", "add_to_cart")
"""Seven types to tell the seven page types apart; the release does not say what the pages are. The model counts
searches and carts of a session, so these two stand for the pages whose counts say most (4 and 6)."""
START = pd.Timestamp("2026-01-01")
"""The release has times within the session only."""


@dataclass(frozen=True)
class RealSessions:
    """One split: the self-labelled task with its answers from the sessions table, and who learns and who is tested.

    pages: [N] int64; seconds: [N] float64 since the session's start; both by the task's rows.
    """

    task: PurchaseTask
    split: Split
    pages: np.ndarray
    seconds: np.ndarray


def read_split(number: int, folder: Path = FOLDER) -> RealSessions:
    """Read a split; training sessions without released page types are left out, test and validation are as released."""
    splits = pd.read_parquet(folder / "splits.parquet").query("split == @number")
    role = splits.set_index("session_id")["role"]
    events = pd.read_parquet(folder / "events.parquet")
    events["page_type"] = events["page_type"].astype("float64")
    released = pd.read_parquet(folder / "pages_by_split.parquet").query("split == @number")
    pages = released.set_index("session_id")["page_types_as_released"].explode().reset_index()
    pages["step"] = pages.groupby("session_id").cumcount()
    events = events.merge(pages, on=["session_id", "step"], how="left")
    page = events["page_types_as_released"].astype("float64").fillna(events["page_type"])
    known = page.notna().groupby(events["session_id"]).transform("all").to_numpy()
    frame = pd.DataFrame(
        {
            "session": events["session_id"],
            "step": events["step"],
            "seconds": events["cum_time_s"],
            "page": page,
            "role": events["session_id"].map(role),
        }
    )[known]
    bought = pd.read_parquet(folder / "sessions.parquet").set_index("session_id")["purchase"]
    frame = frame.sort_values(["session", "step"], ignore_index=True)
    return _as_task(frame, frame["session"].map(bought).to_numpy() == 1)


def _as_task(frame: pd.DataFrame, answer: np.ndarray) -> RealSessions:
    pages = frame["page"].to_numpy().astype(np.int64)
    groups = frame.groupby("session", sort=False)
    role = frame["role"]
    task = PurchaseTask(
        events=_canonical(frame, pages),
        session=groups.ngroup().to_numpy(),
        place=groups.cumcount().to_numpy() + 1,
        length=groups["step"].transform("size").to_numpy(),
        answer=answer,
        dropped=0,
    )
    split = Split(*(role.eq(name).to_numpy() for name in ("train", "val", "test")))
    return RealSessions(task, split, pages, frame["seconds"].to_numpy(dtype=np.float64))


def _canonical(frame: pd.DataFrame, pages: np.ndarray) -> pd.DataFrame:
    """Page types as event types and as items (so that repeats count), seconds since the start as the position."""
    events = pd.DataFrame(index=frame.index, columns=list(EVENT_COLUMNS), dtype=object)
    session = frame["session"].map("{:05d}".format)
    events["event_id"] = session + frame["step"].map("-{:02d}".format)
    events["occurred_at"] = (START + pd.to_timedelta(frame["seconds"], unit="s")).astype("datetime64[us]")
    events["received_at"] = events["occurred_at"]
    events["visitor_id"] = events["session_id"] = session
    events["event_type"] = np.array(EVENT_TYPE_OF_PAGE, dtype=object)[pages]
    events["item_id"] = np.array([f"page-{page}" for page in range(PAGE_TYPES)], dtype=object)[pages]
    for name in ("price", "quantity"):
        events[name] = events[name].astype("float64")
    events["position"] = frame["seconds"].round().clip(upper=2**31 - 1).astype("float64")
    return events


def no_items() -> pd.DataFrame:
    """The shop names none."""
    return pd.DataFrame(columns=list(ITEM_COLUMNS))
