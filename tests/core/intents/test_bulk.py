"""Bulk labels: previewed, applied once, all of them; taken back exactly; and never taken for single careful ones."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from core.errors import InvalidAnnotationError, NotFoundError, UnknownIntentError, WarehouseWriteError
from core.intents.adjudication import count_disputes
from core.intents.annotations import Annotation, current_annotations, submit_annotations, undo_annotation
from core.intents.annotators import annotator_work, find_flags
from core.intents.bulk import (
    MOST_SESSIONS,
    Batch,
    Scope,
    Selection,
    apply_batch,
    get_batch,
    list_batches,
    preview_batch,
    sample_of,
    undo_batch,
)
from core.intents.editing import Retire
from core.intents.history import HistoryFilter, list_history
from core.intents.versions import edit_taxonomy
from core.intents.votes import read_decided, read_votes
from core.store.frames import read_rows
from core.store.labeled_queries import newest_labels
from core.store.warehouse import Warehouse
from core.weak.voting import HUMAN_ANSWERS
from tests.core.intents.shop import annotation, fill_shop

SESSIONS = tuple(f"s{n}" for n in range(6))


def _batch(
    intent: str = "compare", sessions: tuple[str, ...] = SESSIONS, by: str = "mei", scope: Scope = "unlabeled"
) -> Batch:
    return Batch(uuid.uuid4().hex, Selection("filter", sessions, {"query": "shoes"}), intent, by, scope)


def _said(warehouse: Warehouse, by: str = "mei") -> dict[str, tuple[str | None, str]]:
    """{session: (intent, status)} of what an annotator says now."""
    frame = current_annotations(warehouse, annotator=by)
    return {
        row.session_id: (row.intent if isinstance(row.intent, str) else None, row.status) for row in frame.itertuples()
    }


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    return fill_shop(warehouse)


def test_a_batch_labels_what_nobody_has_labelled_and_says_how_many(shop: Warehouse) -> None:
    submit_annotations(shop, [annotation("browse", "s0", "jonas"), annotation("deal", "s1", "mei")])
    submit_annotations(shop, [annotation("search", "s2", "jonas", event_id="e4")])
    preview = preview_batch(shop, SESSIONS, annotator="mei")
    assert preview.sessions == 6
    assert preview.would_label == {"unlabeled": 3, "careful": 5, "all": 6}
    assert {tuple(row) for row in preview.said.itertuples(index=False)} == {
        ("jonas", "browse", False, 1),
        ("jonas", "search", False, 1),
        ("mei", "deal", False, 1),
    }
    record = apply_batch(shop, _batch())
    assert (record.chosen, record.labeled, record.selection) == (6, 3, {"query": "shoes"})
    assert _said(shop) == {"s1": ("deal", "submitted")} | dict.fromkeys(("s3", "s4", "s5"), ("compare", "submitted"))


def test_own_single_labels_are_overwritten_only_on_request_and_own_gold_never(shop: Warehouse) -> None:
    submit_annotations(shop, [annotation("deal", "s0", "mei"), annotation("deal", "s1", "mei", status="gold")])
    submit_annotations(shop, [annotation(None, "s2", "mei", status="skipped"), annotation("search", "s3", "jonas")])
    apply_batch(shop, _batch("browse", ("s4",)))
    assert apply_batch(shop, _batch("compare", scope="careful")).labeled == 4  # s2, s3, s4 and s5
    assert _said(shop)["s0"] == ("deal", "submitted")
    assert apply_batch(shop, _batch("compare", scope="all")).labeled == 1
    assert _said(shop)["s0"] == ("compare", "submitted")
    assert _said(shop)["s1"] == ("deal", "gold")


def test_the_same_batch_again_changes_nothing_nor_does_a_second_undo(shop: Warehouse) -> None:
    batch = _batch()
    first = apply_batch(shop, batch)
    before = read_rows(shop, "SELECT count(*) FROM annotations")
    assert apply_batch(shop, batch) == first
    assert read_rows(shop, "SELECT count(*) FROM annotations") == before
    undone = undo_batch(shop, batch.batch_id, by="lead")
    assert (undone.taken_back, undone.kept, undone.undone_by) == (6, 0, "lead")
    assert undo_batch(shop, batch.batch_id, by="mei") == undone
    assert apply_batch(shop, batch) == undone
    assert _said(shop) == {}


def test_an_undo_restores_what_stood_before_and_leaves_alone_what_was_changed_since(shop: Warehouse) -> None:
    own = annotation("deal", "s0", "mei", status="unsure", note="half sure", lead_time_ms=4000)
    submit_annotations(shop, [own, annotation(None, "s1", "mei", status="skipped")])
    batch = _batch(scope="all")
    apply_batch(shop, batch)
    submit_annotations(shop, [annotation("purchase", "s5", "mei")])
    undone = undo_batch(shop, batch.batch_id, by="mei")
    assert (undone.taken_back, undone.kept) == (5, 1)
    assert _said(shop) == {
        "s0": ("deal", "unsure"),
        "s1": (None, "skipped"),
        "s5": ("purchase", "submitted"),
    }
    again = current_annotations(shop, session_id="s0").iloc[0]
    assert (again["note"], again["created_at"]) == ("half sure", own.created_at)
    assert {row.target for row in read_votes(shop).itertuples()} == {"s0", "s5"}  # a restored single label is a vote
    assert len(list_history(shop, HistoryFilter(annotator="mei"), limit=None)) == 3 + 6 + 5


def test_batches_taken_back_in_any_order_leave_nothing(shop: Warehouse) -> None:
    first, second = _batch("browse"), _batch("search", scope="careful")
    apply_batch(shop, first)
    apply_batch(shop, second)
    assert undo_batch(shop, first.batch_id, by="mei").kept == 6
    assert undo_batch(shop, second.batch_id, by="mei").taken_back == 6
    assert _said(shop) == {}


def test_a_label_of_an_earlier_batch_that_stands_again_belongs_to_that_batch(shop: Warehouse) -> None:
    first, second = _batch("browse"), _batch("search", scope="careful")
    apply_batch(shop, first)
    apply_batch(shop, second)
    undo_batch(shop, second.batch_id, by="mei")
    assert set(_said(shop).values()) == {("browse", "submitted")}
    assert read_votes(shop).empty
    assert undo_batch(shop, first.batch_id, by="mei").taken_back == 6
    assert _said(shop) == {}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"intent": "fly"}, UnknownIntentError),
        ({"annotator": " "}, InvalidAnnotationError),
        ({"scope": "some"}, InvalidAnnotationError),
        ({"batch_id": "a:b"}, InvalidAnnotationError),
        ({"selection": Selection("map", ())}, InvalidAnnotationError),
        ({"selection": Selection("map", tuple(map(str, range(MOST_SESSIONS + 1))))}, InvalidAnnotationError),
    ],
)
def test_what_cannot_be_a_batch_is_refused_with_the_value(
    change: dict[str, Any], error: type[Exception], shop: Warehouse
) -> None:
    good = _batch()
    with pytest.raises(error):
        apply_batch(shop, Batch(**({name: getattr(good, name) for name in vars(good)} | change)))
    assert list_batches(shop) == []
    with pytest.raises(NotFoundError):
        get_batch(shop, "none")


def test_bots_and_sessions_that_are_gone_are_left_out(shop: Warehouse) -> None:
    shop.write(lambda cursor: cursor.execute("UPDATE sessions SET is_bot = true WHERE session_id = 's1'").fetchall())
    chosen = ("s0", "s1", "gone", "s0")
    assert preview_batch(shop, chosen, annotator="mei").sessions == 1
    assert apply_batch(shop, _batch(sessions=chosen)).labeled == 1
    assert sample_of(shop, chosen, 12)["session_id"].tolist() == ["s0"]


def test_bulk_labels_say_nothing_of_speed_agreement_or_quality(shop: Warehouse) -> None:
    submit_annotations(shop, [annotation("browse", f"s{n}", "jonas", lead_time_ms=5000) for n in range(3)])
    submit_annotations(shop, [annotation("deal", "s9", "mei", lead_time_ms=6000)])
    apply_batch(shop, _batch("compare", tuple(f"s{n}" for n in range(9)), scope="all"))
    work = annotator_work(shop).set_index("annotator").loc["mei"]
    assert (work["labels"], work["in_bulk"], work["timed"], work["shown"]) == (1, 9, 1, 0)
    assert (work["median_ms"], work["most_said"], work["most_share"]) == (6000, "deal", 1)
    assert find_flags(annotator_work(shop), read_votes(shop)) == []
    assert set(read_votes(shop)["annotator"]) == {"jonas", "mei"}
    assert count_disputes(shop) == 0
    decided = read_decided(shop).set_index("target")["intent"]
    assert decided.to_dict() == {"s0": "browse", "s1": "browse", "s2": "browse", "s9": "deal"} | {
        f"s{n}": "compare" for n in range(3, 9)
    }
    assert sorted(newest_labels(shop, 50)["session_id"]) == ["s0", "s1", "s2", "s9"]
    edit_taxonomy(shop, [Retire("compare")], author="lead")
    assert set(read_decided(shop)["intent"]) == {"browse", "deal"}, "as in training, nobody's label any more"
    assert {row[0] for row in read_rows(shop, HUMAN_ANSWERS)} == {"s0", "s1", "s2", "s9"}


class _Model:
    """What each session's label ought to be: a pile of what was said, where a batch taken back is lifted out."""

    def __init__(self) -> None:
        self.piles: dict[str, list[tuple[str | None, str, str | None]]] = {session: [] for session in SESSIONS}
        self.undone: set[str] = set()

    def top(self, session: str) -> tuple[str | None, str, str | None] | None:
        pile = self.piles[session]
        return pile[-1] if pile else None

    def say(self, session: str, intent: str | None, status: str, batch: str | None = None) -> None:
        self.piles[session].append((intent, status, batch))

    def apply(self, batch: Batch) -> None:
        for session in batch.selection.session_ids:
            top = self.top(session)
            free = top is None or top[1] in {"undone", "skipped"}
            mine = not free and top is not None and top[2] is None
            allowed = free or (batch.scope != "unlabeled" and not mine) or batch.scope == "all"
            if allowed and not (top is not None and top[:2] == (batch.intent, "submitted")):
                self.say(session, batch.intent, "submitted", batch.batch_id)

    def undo(self, batch_id: str) -> None:
        if batch_id in self.undone:
            return
        self.undone.add(batch_id)
        for session, pile in self.piles.items():
            if (top := self.top(session)) is not None and top[2] == batch_id:
                while pile and pile[-1][2] in self.undone:
                    pile.pop()
                assert self.piles[session] is pile

    def said(self) -> dict[str, tuple[str | None, str]]:
        tops = {session: self.top(session) for session in SESSIONS}
        return {session: top[:2] for session, top in tops.items() if top is not None and top[1] != "undone"}


_INTENTS = strategies.sampled_from(["browse", "search", "compare"])
_STEPS = strategies.lists(
    strategies.one_of(
        strategies.tuples(strategies.just("say"), strategies.sampled_from(SESSIONS), _INTENTS),
        strategies.tuples(strategies.just("skip"), strategies.sampled_from(SESSIONS), _INTENTS),
        strategies.tuples(strategies.just("take back"), strategies.sampled_from(SESSIONS), _INTENTS),
        strategies.tuples(
            strategies.just("apply"),
            strategies.tuples(
                strategies.sets(strategies.sampled_from(SESSIONS), min_size=1),
                strategies.sampled_from(["unlabeled", "careful", "all"]),
            ),
            _INTENTS,
        ),
        strategies.tuples(strategies.just("undo"), strategies.integers(0, 5), _INTENTS),
        strategies.tuples(strategies.just("again"), strategies.integers(0, 5), _INTENTS),
        strategies.tuples(strategies.just("fail"), strategies.sampled_from(SESSIONS), _INTENTS),
        strategies.tuples(strategies.just("reopen"), strategies.none(), _INTENTS),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_the_journal_says_what_the_ordered_acts_say(
    steps: list[tuple[str, Any, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from core.settings import Settings

    home = Settings(home=tmp_path_factory.mktemp("journal") / "home", sample_shop=False)
    warehouse = fill_shop(Warehouse.open(home))
    model, batches = _Model(), list[Batch]()
    last: dict[str, Annotation] = {}
    try:
        for act, about, intent in steps:
            if act in {"say", "skip"}:
                status: Any = "submitted" if act == "say" else "skipped"
                last[about] = annotation(intent if act == "say" else None, about, "mei", status=status)
                submit_annotations(warehouse, [last[about]])
                model.say(about, last[about].intent, status)
            elif act == "take back" and about in last:
                top = model.top(about)
                if undo_annotation(warehouse, last[about].client_id, annotator="mei"):
                    assert top is not None
                    assert top[2] is None
                    model.say(about, None, "undone")
            elif act == "apply":
                batches.append(_batch(intent, tuple(sorted(about[0])), scope=about[1]))
                apply_batch(warehouse, batches[-1])
                model.apply(batches[-1])
            elif act == "undo" and about < len(batches):
                undo_batch(warehouse, batches[about].batch_id, by="mei")
                model.undo(batches[about].batch_id)
            elif act == "again" and about < len(batches):
                apply_batch(warehouse, batches[about])
            elif act == "fail":
                _fail_beside(warehouse, _batch(intent, (about,), scope="all"))
            elif act == "reopen":
                warehouse.close()
                warehouse = Warehouse.open(home)
            assert _said(warehouse) == model.said()
    finally:
        warehouse.close()


def _fail_beside(warehouse: Warehouse, batch: Batch) -> None:
    """A batch whose transaction fails after its labels were written leaves nothing."""

    real: Callable[..., Any] = warehouse.write

    def failing(change: Callable[[Any], Any]) -> Any:
        def then_fail(cursor: Any) -> None:
            change(cursor)
            raise OSError("No space left on device")

        return real(then_fail)

    warehouse.write = failing  # type: ignore[method-assign]
    try:
        with pytest.raises(WarehouseWriteError):
            apply_batch(warehouse, batch)
    finally:
        del warehouse.write
