"""Rows of explanations in a model's folder: kept whole, replaced by newer ones."""

from pathlib import Path

import pandas as pd
import pytest

from core.errors import UnreadableFileError
from core.registry.explanations import (
    EXPLANATIONS_FILE,
    PLAUSIBILITY_FILE,
    has_explanations,
    keep_explanations,
    read_rows,
    write_rows,
)
from core.settings import Settings

ABOUT = {"model_id": "m", "method": "integrated_gradients"}


def test_newer_rows_replace_older_ones_and_leave_none_behind(settings: Settings, tmp_path: Path) -> None:
    folder = settings.models_folder / "m"
    folder.mkdir(parents=True)
    for number, files in enumerate([(EXPLANATIONS_FILE, PLAUSIBILITY_FILE), (EXPLANATIONS_FILE,)]):
        for name in files:
            write_rows(tmp_path / str(number) / name, pd.DataFrame({"value": [number]}), ABOUT)
        keep_explanations(settings, tmp_path / str(number), "m")
        assert read_rows(folder / EXPLANATIONS_FILE)[0]["value"].tolist() == [number]
        assert (folder / PLAUSIBILITY_FILE).is_file() == (PLAUSIBILITY_FILE in files)
    assert [path.name for path in folder.iterdir()] == [EXPLANATIONS_FILE]
    assert has_explanations(folder)


def test_what_rows_are_about_is_kept_with_them(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.parquet", pd.DataFrame({"value": [1.5]}), ABOUT)
    frame, about = read_rows(tmp_path / "rows.parquet")
    assert frame["value"].tolist() == [1.5]
    assert about == ABOUT


def test_a_file_of_somebody_else_is_refused_by_name(tmp_path: Path) -> None:
    pd.DataFrame({"value": [1]}).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(UnreadableFileError, match=r"rows\.parquet"):
        read_rows(tmp_path / "rows.parquet")
    assert read_rows(tmp_path / "none.parquet")[0].empty
