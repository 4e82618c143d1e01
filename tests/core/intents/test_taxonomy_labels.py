"""Labels under a changing taxonomy: none is lost, each counts as one intent, an undone merge leaves no trace."""

import uuid
from collections import Counter
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.active.handing_out import hand_out
from core.active.options import QueueOptions
from core.errors import InvalidRuleError, InvalidTaxonomyError, NotFoundError, UnknownIntentError
from core.intents.adjudication import count_disputes
from core.intents.annotations import current_annotations, label_progress, submit_annotations
from core.intents.editing import AddExample, BringBack, Merge, NewIntent, Rename, Retire, Split, Unmerge
from core.intents.exchange.exporting import export_annotations
from core.intents.exchange.importing import import_annotations
from core.intents.history import HistoryFilter, list_history
from core.intents.intent import Example, by_id
from core.intents.resolution import pooled
from core.intents.taxonomy import DEFAULT_TAXONOMY, current_version, load_taxonomy, merged_intents
from core.intents.versions import edit_taxonomy, list_versions, restore_version, taxonomy_at
from core.intents.votes import read_votes
from core.settings import Settings
from core.store.labeled_queries import newest_labels
from core.store.migrations import MIGRATIONS
from core.store.model_queries import ModelRow, insert_model
from core.store.outdated_queries import count_outdated_labels
from core.store.session_queries import SessionFilter, list_sessions
from core.store.snapshot_queries import write_snapshot
from core.store.taxonomy_queries import given_counts, label_counts, touched_by
from core.store.warehouse import Warehouse
from core.weak.fitting import active_rules
from core.weak.journal import list_rules, merged_rules, save_rules
from core.weak.labeling_function import LabelingFunction
from tests.core.intents.shop import annotation, fill_shop

PLACES = st.integers(0, 20)
PARTS = (
    NewIntent("coupon", {"en": "Coupon", "zh": "领券"}, {}),
    NewIntent("clearance", {"en": "Clearance", "zh": "清仓"}, {}),
)


def _counts(warehouse: Warehouse) -> dict[str, int]:
    return {str(intent): int(n) for intent, n in current_annotations(warehouse)["intent"].value_counts().items()}


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    fill_shop(warehouse)
    said = ["browse", "browse", "search", "deal", "deal", "compare", "purchase", "other"]
    labels = [annotation(intent, f"s{n}", "mei", minutes=n) for n, intent in enumerate(said)]
    submit_annotations(warehouse, [*labels, annotation("search", "s0", "jonas", minutes=9)])
    return warehouse


class LabelledTaxonomy(RuleBasedStateMachine):
    """Labels come in while the taxonomy is edited, merged, split and restored."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.warehouse = Warehouse.open(Settings(home=self.folder / uuid.uuid4().hex, sample_shop=False))
        self.said: dict[tuple[str, str], str] = {}
        self.number = 0

    @rule(session=st.integers(0, 3), by=st.sampled_from(["mei", "jonas"]), intent=PLACES)
    def label(self, session: int, by: str, intent: int) -> None:
        """Also as intents that a page opened earlier still offers."""
        known = load_taxonomy(self.warehouse, inactive=True)
        chosen = known[intent % len(known)].id
        submit_annotations(self.warehouse, [annotation(chosen, f"s{session}", by)])
        self.said[f"s{session}", by] = chosen

    @rule(one=PLACES, other=PLACES, kind=st.sampled_from(["merge", "unmerge", "retire", "back"]))
    def edit(self, one: int, other: int, kind: str) -> None:
        known = load_taxonomy(self.warehouse, inactive=True)
        first, second = known[one % len(known)].id, known[other % len(known)].id
        made = {"merge": Merge(first, second), "unmerge": Unmerge(first), "retire": Retire(first)}
        self._try([made.get(kind, BringBack(first))])

    @rule(one=PLACES)
    def split(self, one: int) -> None:
        known = load_taxonomy(self.warehouse, inactive=True)
        self.number += 1
        parts = tuple(NewIntent(f"part{self.number}{side}", {"en": side, "zh": side}, {}) for side in "ab")
        self._try([Split(known[one % len(known)].id, parts)])

    @rule(back=st.integers(1, 20))
    def restore(self, back: int) -> None:
        versions = list_versions(self.warehouse)
        if versions:
            restore_version(self.warehouse, versions[back % len(versions)].number, author="lead")

    def _try(self, edits: list) -> None:
        try:
            edit_taxonomy(self.warehouse, edits, author="lead")
        except InvalidTaxonomyError:
            return

    @invariant()
    def every_label_is_there_and_counts_as_one_known_intent(self) -> None:
        known = by_id(load_taxonomy(self.warehouse, inactive=True))
        merged = merged_intents(self.warehouse)
        rows = current_annotations(self.warehouse)
        given = {(row.session_id, row.annotator): row.given_intent for row in rows.itertuples()}
        assert given == self.said
        assert all(row.intent == merged.get(row.given_intent, row.given_intent) for row in rows.itertuples())
        assert all(known[row.intent].merged_into is None for row in rows.itertuples())
        assert given_counts(self.warehouse) == Counter(self.said.values())

    def teardown(self) -> None:
        self.warehouse.close()


def test_labels_survive_any_edits(tmp_path: Path) -> None:
    machine = type("Homed", (LabelledTaxonomy,), {"folder": tmp_path})
    case = machine.TestCase
    case.settings = hypothesis_settings(max_examples=6, stateful_step_count=12, deadline=None)
    case("runTest").runTest()


def test_merged_labels_count_as_the_other_everywhere_and_come_back_exactly(shop: Warehouse, tmp_path: Path) -> None:
    before = current_annotations(shop)
    assert count_disputes(shop) == 1
    edit_taxonomy(shop, [Merge("search", "browse")], author="lead")
    assert _counts(shop) == {"browse": 4, "deal": 2, "compare": 1, "purchase": 1, "other": 1}
    assert count_disputes(shop) == 0
    assert set(read_votes(shop)["intent"]) == {"browse", "deal", "compare", "purchase", "other"}
    assert newest_labels(shop, 20)["answer"].value_counts()["browse"] == 3
    assert label_progress(shop).set_index("intent").loc["browse", "sessions"] == 3
    assert label_counts(shop)["browse"] == (4, 3)
    snapshot = write_snapshot(shop, tmp_path / "snapshot")
    assert set(pd.read_parquet(snapshot.folder / "annotations.parquet")["intent"]) == {
        "browse",
        "deal",
        "compare",
        "purchase",
        "other",
    }
    export_annotations(shop, tmp_path / "labels.jsonl")
    assert "search" not in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").replace('"search_', "")
    assert import_annotations(shop, tmp_path / "labels.jsonl").added == 0
    history = list_history(shop, HistoryFilter(intent="search"))
    assert history["given_intent"].tolist() == ["search", "search"]
    assert history["intent"].tolist() == ["browse", "browse"]

    edit_taxonomy(shop, [Rename("deal", "en", "Bargain")], author="lead")
    edit_taxonomy(shop, [Unmerge("search")], author="lead")
    pd.testing.assert_frame_equal(current_annotations(shop), before)
    assert count_disputes(shop) == 1


def test_a_label_from_a_page_that_does_not_know_of_the_merge_yet_is_taken(shop: Warehouse) -> None:
    edit_taxonomy(shop, [Merge("search", "browse"), Retire("other")], author="lead")
    submit_annotations(shop, [annotation("search", "s8", "mei"), annotation("other", "s9", "mei")])
    assert _counts(shop) == {"browse": 5, "deal": 2, "compare": 1, "purchase": 1, "other": 2}
    with pytest.raises(UnknownIntentError, match="'dance'"):
        submit_annotations(shop, [annotation("dance", "s9", "mei")])


def test_a_split_keeps_old_labels_out_of_training_and_offers_them_again(shop: Warehouse, tmp_path: Path) -> None:
    edit_taxonomy(shop, [Split("deal", PARTS)], author="lead")
    assert _counts(shop)["deal"] == 2
    assert "deal" not in set(newest_labels(shop, 20)["answer"])
    assert "deal" not in set(read_votes(shop)["intent"])
    snapshot = write_snapshot(shop, tmp_path / "snapshot")
    assert "deal" not in set(pd.read_parquet(snapshot.folder / "annotations.parquet")["intent"])

    def offered(annotator: str) -> set[str]:
        options = QueueOptions(queue="outdated", intent="deal", gold_share=0)
        return set(hand_out(shop, options, annotator=annotator, wanted=9, loaded=[], models=()))

    submit_annotations(shop, [annotation("deal", "s5", "mei", event_id="e10")])  # the session itself is Compare
    assert count_outdated_labels(shop) == {"deal": 3}
    assert offered("mei") == {"s3", "s4", "s5"}  # the very annotator who had labelled them
    submit_annotations(shop, [annotation("coupon", "s3", "mei")])
    submit_annotations(shop, [annotation("coupon", "s5", "jonas", event_id="e10")])
    assert offered("jonas") <= {"s4"}
    assert count_outdated_labels(shop) == {"deal": 1}
    assert _counts(shop) == {"browse": 2, "search": 2, "deal": 2, "compare": 1, "purchase": 1, "other": 1, "coupon": 2}
    edit_taxonomy(shop, [BringBack("deal")], author="lead")
    assert count_outdated_labels(shop) == {}
    assert "deal" in set(newest_labels(shop, 20)["answer"])


def test_versions_say_who_when_what_and_which_guidelines(shop: Warehouse) -> None:
    first = current_version(shop)
    assert (first.number, first.guideline_version) == (1, 1)
    renamed = edit_taxonomy(shop, [Rename("deal", "en", "Bargain")], author="lin")
    assert (renamed.number, renamed.guideline_version, renamed.author) == (2, 1, "lin")
    assert renamed.acts == ({"kind": "rename", "intent": "deal", "language": "en", "name": "Bargain"},)
    example = edit_taxonomy(shop, [AddExample("deal", Example("s1", "only coupons"))], author="mei")
    assert example.guideline_version == 3
    back = restore_version(shop, 1, author="lin")
    assert (back.number, back.guideline_version) == (4, 4)
    assert taxonomy_at(shop, 4) == taxonomy_at(shop, 1) == DEFAULT_TAXONOMY
    assert [version.number for version in list_versions(shop)] == [4, 3, 2, 1]
    with pytest.raises(NotFoundError, match="version 9"):
        restore_version(shop, 9, author="lin")
    with pytest.raises(InvalidTaxonomyError, match="author is empty"):
        edit_taxonomy(shop, [Retire("deal")], author=" ")


def test_rules_follow_a_merge_and_say_why_they_are_silent_after_a_split(shop: Warehouse) -> None:
    rule = {"match": "all", "conditions": [{"what": "compare", "feature": "count_view", "operator": ">=", "value": 1}]}
    rules = [
        LabelingFunction(f"r{n}", f"rule {n}", intent, "conditions", rule)
        for n, intent in enumerate(["search", "deal"])
    ]
    save_rules(shop, rules)
    edit_taxonomy(shop, [Merge("search", "browse"), Split("deal", PARTS)], author="lead")
    assert [one.intent for one in list_rules(shop)] == ["browse", "deal"]
    assert merged_rules(shop) == {"r0": "search"}
    active = active_rules(shop)
    assert [one.rule_id for one in active.usable] == ["r0"]
    assert "split; choose one of coupon, clearance" in active.problems["r1"]
    assert touched_by(shop, "browse").rules == ("rule 0",)
    edit_taxonomy(shop, [Retire("other")], author="lead")
    with pytest.raises(InvalidRuleError, match="not offered any more"):
        save_rules(shop, [LabelingFunction("r2", "rule 2", "other", "conditions", rule)])


def test_a_models_probabilities_of_merged_intents_are_added(shop: Warehouse) -> None:
    at = datetime(2026, 5, 1)
    record = {"intents": ["browse", "search", "compare"], "card": {}}
    insert_model(shop, ModelRow("m1", "finetuned", "champion", at, at, record))
    insert = "INSERT INTO session_states VALUES ('s0', 'm1', 'e0', [0.3, 0.3, 0.4]::FLOAT[], NULL)"
    shop.write(lambda cursor: cursor.execute(insert).fetchall())

    def predicted() -> tuple[str, float]:
        row = list_sessions(shop, SessionFilter(session_id_contains="s0", model_id="m1")).iloc[0]
        return row["predicted_intent"], round(row["predicted_score"], 3)

    assert predicted() == ("compare", 0.4)
    assert touched_by(shop, "search").serving
    edit_taxonomy(shop, [Merge("search", "browse")], author="lead")
    assert predicted() == ("browse", 0.6)
    intents, values = pooled(np.array([[0.3, 0.3, 0.4]]), record["intents"], merged_intents(shop))
    assert intents == ("browse", "compare")
    assert values.round(6).tolist() == [[0.6, 0.4]]


def test_what_an_edit_touches_is_counted(shop: Warehouse) -> None:
    touched = touched_by(shop, "browse")
    assert (touched.labels, touched.sessions, touched.annotators) == (2, 2, 1)
    assert (touched.rules, touched.models, touched.serving) == ((), (), False)
    assert touched_by(shop, "support").labels == 0


def test_a_data_folder_from_before_gets_guidelines_and_keeps_its_taxonomy_and_labels(tmp_path: Path) -> None:
    home = tmp_path / "old"
    home.mkdir()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE schema_migrations (name VARCHAR PRIMARY KEY, ran_at TIMESTAMP)")
        for migration in MIGRATIONS[: [m.__name__ for m in MIGRATIONS].index("create_taxonomy_versions")]:
            migration(connection)
            connection.execute("INSERT INTO schema_migrations VALUES (?, now()::TIMESTAMP)", [migration.__name__])
        for place, name in enumerate(["browse", "gift"]):
            words = f'{{"en": "{name}", "zh": "{name}"}}'
            row = [1, place, name, str(place + 1), words, "{}", "#112233", "#AABBCC", True]
            connection.execute("INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("""
            INSERT INTO annotations VALUES (1, 'a-1', 'c-1', 'session', 's1', NULL, 'gift', 'mei', '2026-01-01',
                '2026-01-01', NULL, 'submitted', NULL, NULL, NULL, 1)""")
    warehouse = Warehouse.open(Settings(home=home, sample_shop=False))
    try:
        intents = load_taxonomy(warehouse)
        assert [intent.id for intent in intents] == ["browse", "gift"]
        assert intents[0].guideline == DEFAULT_TAXONOMY[0].guideline
        assert intents[1].guideline.is_empty
        assert [version.number for version in list_versions(warehouse)] == [2, 1]
        assert list_versions(warehouse)[1].created_at is None
        assert current_version(warehouse).guideline_version == 2
        assert _counts(warehouse) == {"gift": 1}
        edit_taxonomy(warehouse, [Split("gift", PARTS)], author="mei")
        assert _counts(warehouse) == {"gift": 1}
    finally:
        warehouse.close()
