"""Parts that every page shares."""

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.components.parts import percent, with_shown_shares


def _a_table_with_gaps() -> None:
    import pandas as pd

    from app.components.parts import shown_table

    shown_table(pd.DataFrame({"query": ["lamp", None], "score": [0.5, None]}), key="gaps")


def test_a_shown_table_has_nothing_where_nothing_is_known_and_no_row_numbers() -> None:
    app = AppTest.from_function(_a_table_with_gaps, default_timeout=60).run()
    assert not app.exception
    (table,) = app.dataframe
    assert table.proto.HasField("placeholder")
    assert table.proto.placeholder == ""
    assert table.value["query"].isna().tolist() == [False, True], "what is downloaded stays as it is"
    assert '"_index"' in table.proto.columns


def test_small_shares_have_a_decimal() -> None:
    assert [percent(share) for share in (0.024, 0.0996, 0.5)] == ["2.4%", "10.0%", "50%"]


def test_shares_of_a_table_are_rounded_as_they_are_said() -> None:
    frame = pd.DataFrame({"share": [0.36883, 0.805, 0.0017, 0.0996, None], "n": [1, 2, 3, 4, 5]})
    shown = with_shown_shares(frame, ["share", "absent"])
    assert [f"{share:.2%}" for share in shown["share"][:4]] == ["37.00%", "80.00%", "0.20%", "10.00%"]
    assert shown["share"].isna().tolist() == [False] * 4 + [True]
    assert shown["n"].equals(frame["n"])
    assert frame["share"].iloc[0] == 0.36883, "what is downloaded keeps its digits"
