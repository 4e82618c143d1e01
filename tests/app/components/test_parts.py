"""Parts that every page shares."""

import pandas as pd

from app.components.parts import percent, without_none


def test_missing_texts_are_shown_as_nothing_and_other_columns_kept() -> None:
    frame = pd.DataFrame(
        {"query": ["lamp", None], "intent": pd.Series([None, None], dtype=object), "score": [0.5, None], "n": [1, 2]}
    )
    shown = without_none(frame)
    assert shown["query"].tolist() == ["lamp", ""]
    assert shown["intent"].tolist() == ["", ""]
    assert shown["score"].isna().tolist() == [False, True]
    assert shown["n"].tolist() == [1, 2]
    assert frame["query"].isna().tolist() == [False, True], "the table to download stays as it is"


def test_small_shares_have_a_decimal() -> None:
    assert [percent(share) for share in (0.024, 0.0996, 0.5)] == ["2.4%", "10.0%", "50%"]
