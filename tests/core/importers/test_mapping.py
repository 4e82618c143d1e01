"""What a mapping does not name is kept."""

import json

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from core.importers.mapping import ColumnMapping, guess_mapping

_VALUES = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(st.lists(st.tuples(_VALUES, _VALUES), min_size=1, max_size=6))
def test_what_is_not_mapped_is_kept_as_json(rows: list[tuple[str | None, str | None]]) -> None:
    first, second = zip(*rows, strict=True)
    table = pa.table(
        {
            "visitor_id": ["x"] * len(rows),
            'a "quoted" name': pa.array(first, pa.string()),
            "余": pa.array(second, pa.string()),
        }
    )
    kept = ColumnMapping({"visitor_id": "visitor_id"}).apply(table)["properties"].to_pylist()
    for text, row in zip(kept, rows, strict=True):
        said = {name: value for name, value in zip(table.column_names[1:], row, strict=True) if value}
        assert (json.loads(text) if text is not None else {}) == said


def test_plain_names_of_a_small_shop_are_guessed() -> None:
    guessed = guess_mapping(["visitor", "time", "event", "item", "price", "search"])
    assert guessed.columns["item_id"] == "item"
    assert guessed.columns["query"] == "search"
    assert guess_mapping(["item", "item_id"]).columns["item_id"] == "item_id", "the surer name wins"
