"""A labeling function: a rule that votes for one intent where it fires, and abstains elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["conditions", "texts", "sql", "python"]
KINDS: tuple[Kind, ...] = ("conditions", "texts", "sql", "python")


@dataclass(frozen=True)
class LabelingFunction:
    """One rule (Ratner et al. 2016 call it a labeling function); `version` counts its edits from 1.

    definition: of kind conditions {"match": "all" or "any", "conditions": [...]}, see conditions.py; of kind sql
        {"sql": ...}; of kind python {"expression": ...}; of kind texts see prototypes.py.
    """

    rule_id: str
    name: str
    intent: str
    kind: Kind
    definition: dict[str, Any]
    active: bool = True
    author: str = ""
    version: int = 1
    created_at: datetime | None = None
