"""How close each text of the shop is to a rule's sentences, and to the nearest of the other intents' definitions."""

from collections.abc import Sequence
from contextlib import suppress

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from core.errors import InvalidRuleError
from core.store.frames import read_frame, read_rows
from core.store.warehouse import Warehouse
from core.weak.journal import list_rules
from core.weak.labeling_function import LabelingFunction
from core.weak.prototypes import TextRule, read_text_rule, speaks_for
from core.weak.text_vectors import DISTINCT_TEXTS, Encode, Told, distinct_texts, text_vectors

NEAREST_NOTHING = -1.0
"""The rival where there is no other intent."""


def unread_texts(warehouse: Warehouse, rule: TextRule) -> int:
    """How many distinct texts the rule cannot judge yet: all of them before `read_texts`, new ones after an import."""
    query = f"""SELECT count(*) FROM ({DISTINCT_TEXTS}) WHERE said NOT IN (
        SELECT text FROM text_similarities WHERE similarity_key = ?)"""
    return int(read_rows(warehouse, query, [rule.key])[0][0])


def read_texts(warehouse: Warehouse, rule: TextRule, encode: Encode, told: Told | None = None) -> int:
    """Work out and keep the similarities of all distinct texts; returns how many there are.

    Cosines are of vectors less the mean of all: what every text of a shop has in common tells no intents apart.
    Similarities that no saved rule uses are dropped.
    """
    texts = distinct_texts(warehouse)
    vectors = text_vectors(warehouse, rule.encoder, encode, texts, told)
    mean = vectors.mean(axis=0) if len(texts) else np.zeros(1, np.float32)
    table = pa.table(
        {
            "text": pa.array(texts, pa.string()),
            "similarity": _nearest(vectors, mean, encode, rule.sentences),
            "rival": _nearest(vectors, mean, encode, rule.rivals),
        }
    )
    used = [rule.key, *(each.key for each in saved_text_rules(warehouse).values())]

    def change(cursor: duckdb.DuckDBPyConnection) -> None:
        drop = (
            "DELETE FROM text_similarities WHERE similarity_key = ? OR NOT list_contains(?::VARCHAR[], similarity_key)"
        )
        cursor.execute(drop, [rule.key, used]).fetchall()
        cursor.execute("DELETE FROM label_models").fetchall()  # fitted to votes that change now
        cursor.register("similar_texts", table)
        cursor.execute("INSERT INTO text_similarities SELECT ?, * FROM similar_texts", [rule.key]).fetchall()
        cursor.unregister("similar_texts")

    warehouse.write(change)
    return len(texts)


def saved_text_rules(warehouse: Warehouse, *, active_only: bool = False) -> dict[str, TextRule]:
    """The saved rules by meaning, by rule_id; one that cannot be used any more is left out."""
    found = {}
    for rule in list_rules(warehouse, active_only=active_only):
        if rule.kind == "texts":
            with suppress(InvalidRuleError):
                found[rule.rule_id] = read_text_rule(warehouse, rule.definition, rule.intent)
    return found


def closest_texts(warehouse: Warehouse, rule: LabelingFunction, most: int = 50) -> pd.DataFrame:
    """Columns text, speaks, similarity, rival: those that speak for the rule and then others, the closest first.

    Raises:
        InvalidRuleError: its definition cannot be used.
    """
    asked = read_text_rule(warehouse, rule.definition, rule.intent)
    query = f"""SELECT text, {speaks_for(asked)} AS speaks, similarity, rival FROM text_similarities AS x
        WHERE similarity_key = ? AND text IN ({_texts_of(asked.parts)})
        ORDER BY speaks DESC, similarity DESC, text LIMIT {int(most)}"""
    return read_frame(warehouse, query, [asked.key])


def usual_threshold(warehouse: Warehouse, rule: TextRule, share: float = 0.05) -> float | None:
    """The similarity that the closest `share` of the rule's texts reach, to begin with; None before they were read."""
    query = f"""SELECT quantile_cont(similarity, ?) FROM text_similarities
        WHERE similarity_key = ? AND text IN ({_texts_of(rule.parts)})"""
    value = read_rows(warehouse, query, [1.0 - share, rule.key])[0][0]
    return None if value is None else round(float(value), 2)


def _texts_of(parts: Sequence[str]) -> str:
    columns = {"query": "query FROM events", "text": "text FROM events", "title": "title FROM items"}
    return " UNION ".join(f"SELECT {columns[part]}" for part in parts)


def _nearest(vectors: np.ndarray, mean: np.ndarray, encode: Encode, sentences: Sequence[str]) -> np.ndarray:
    """[U] float32, the cosine of each vector [U, d] with the nearest of the sentences."""
    if not len(vectors) or not sentences:
        return np.full(len(vectors), NEAREST_NOTHING, dtype=np.float32)
    asked = _directions(np.asarray(encode(list(sentences)), dtype=np.float32) - mean)
    nearest: np.ndarray = (_directions(vectors - mean) @ asked.T).max(axis=1)
    return nearest.astype(np.float32)


def _directions(vectors: np.ndarray) -> np.ndarray:
    """Vectors of length 1; one of length 0 stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(lengths, 1e-9)
    return scaled
