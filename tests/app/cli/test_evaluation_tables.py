"""What `intentlens evaluate` says of a model that keeps its evaluation, and of one that does not."""

import json
from pathlib import Path

from app.cli.evaluation_tables import details_of, details_words, evaluation_details
from core.evaluation.report import make_report
from core.registry.models import register_model
from core.settings import Settings
from core.store.warehouse import Warehouse
from tests.core.evaluation.records import Played, records
from tests.core.registry.test_models import model_folder


def test_a_model_without_its_evaluation_says_how_to_get_one(
    warehouse: Warehouse, settings: Settings, tmp_path: Path
) -> None:
    record = register_model(warehouse, settings, model_folder(tmp_path, "older"))
    assert evaluation_details(record) == {}
    assert "fine-tune again" in details_words({}, "older")[0]


def test_people_read_tables_and_machines_rows() -> None:
    report = make_report(records(Played("a", "bbs", "s"), Played("b", "dd", "d"), Played("c", "b", "b")))
    details = details_of(report)
    assert json.loads(json.dumps(details)) == details, "plain values only"
    by_events, by_share, flips = details_words(details, "mine")
    lines = by_events.splitlines()
    assert lines[0].split() == ["macro-F1", "by", "events", "seen", "1", "2", "3", "all"]
    assert lines[1].split() == ["mine", "0.56", "0.50", "1.00", "1.00"]
    assert lines[-1].split() == ["sessions", "3", "2", "1", "3"]
    assert by_share.splitlines()[0].split()[-3:] == ["25", "50", "75"]
    assert flips.splitlines()[1].split() == ["mine", "0.33", "0.67", "0.00", "3"]


def test_event_labels_alone_leave_the_flips() -> None:
    played = records(Played("a", "bs", "s"), Played("b", "b", "b"))
    played.frame["session_answer"] = None
    assert len(details_words(details_of(make_report(played)), "mine")) == 1
