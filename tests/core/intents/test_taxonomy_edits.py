"""Edits of the taxonomy: any sequence of them keeps every id, every label, unique keys; and each can be undone."""

import itertools
import json
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidTaxonomyError
from core.intents.default_taxonomy import DEFAULT_TAXONOMY
from core.intents.differences import differences
from core.intents.editing import (
    Add,
    AddExample,
    BringBack,
    Edit,
    Merge,
    NewIntent,
    Recolor,
    Redefine,
    Rekey,
    RemoveExample,
    Rename,
    Reorder,
    Replace,
    Retire,
    Split,
    Unmerge,
    WriteGuideline,
    apply_all,
    decided_by,
)
from core.intents.intent import Example, Guideline, Taxonomy, by_id, stands_for
from core.intents.taxonomy_file import read_taxonomy, write_taxonomy
from core.intents.validity import KEYS, RESERVED_KEYS, free_key

IDS = [intent.id for intent in DEFAULT_TAXONOMY] + ["gift", "idle", "part_a", "part_b"]
NAMES = st.text("abc 退货", max_size=6)
ids = st.sampled_from(IDS)
new_intents = st.builds(
    NewIntent,
    ids,
    st.builds(lambda name: {"en": name, "zh": name}, NAMES),
    st.just({}),
    st.sampled_from(["", "1", "p"]),
)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Add, new_intents),
    st.builds(Rename, ids, st.sampled_from(["en", "zh", "fr"]), NAMES),
    st.builds(Redefine, ids, st.sampled_from(["en", "zh"]), NAMES),
    st.builds(Recolor, ids, st.sampled_from(["#112233", "blue"]), st.just("#AABBCC")),
    st.builds(Rekey, ids, st.sampled_from([*KEYS[:9], "a", ""])),
    st.builds(Reorder, ids, st.integers(-1, 9)),
    st.builds(Retire, ids),
    st.builds(BringBack, ids),
    st.builds(Merge, ids, ids),
    st.builds(Unmerge, ids),
    st.builds(Split, ids, st.lists(new_intents, max_size=3).map(tuple)),
    st.builds(AddExample, ids, st.builds(Example, st.sampled_from(["s1", "s2", ""]), st.just("why"), st.booleans())),
    st.builds(RemoveExample, ids, st.sampled_from(["s1", "s2"])),
    st.builds(WriteGuideline, ids, st.builds(Guideline, st.just({"en": "text"}))),
)


def _edited(taxonomy: Taxonomy, sequence: list[Edit]) -> list[Taxonomy]:
    """Every state on the way; an edit that is refused leaves the state as it was."""
    states = [taxonomy]
    for edit in sequence:
        with suppress(InvalidTaxonomyError):
            states.append(apply_all(states[-1], [edit]))
    return states


@settings(max_examples=150, deadline=None)
@given(st.lists(edits, max_size=14))
def test_any_edits_keep_every_id_and_resolve_every_label(sequence: list[Edit]) -> None:
    states = _edited(DEFAULT_TAXONOMY, sequence)
    for before, after in itertools.pairwise(states):
        assert {intent.id for intent in before} <= {intent.id for intent in after}
        keys = [intent.key for intent in after if intent.active]
        assert len(set(keys)) == len(keys)
        assert not set(keys) & RESERVED_KEYS
        ends, known = stands_for(after), by_id(after)
        assert set(ends) == set(known)
        for intent, end in ends.items():
            assert known[end].merged_into is None  # one end, that is there
            assert end == intent or known[intent].merged_into is not None
    assert read_taxonomy(write_taxonomy(states[-1])) == states[-1]


@settings(max_examples=60, deadline=None)
@given(st.lists(edits, max_size=10), st.data())
def test_an_earlier_state_comes_back_as_it_was_and_what_was_added_since_stays_retired(
    sequence: list[Edit], data: st.DataObject
) -> None:
    states = _edited(DEFAULT_TAXONOMY, sequence)
    earlier = data.draw(st.sampled_from(states))
    restored = apply_all(states[-1], [Replace(earlier, "1")])
    assert restored[: len(earlier)] == earlier
    assert not any(intent.active for intent in restored[len(earlier) :])
    ends = stands_for(restored)
    assert {one: ends[one] for one in by_id(earlier)} == stands_for(earlier)


@settings(max_examples=60, deadline=None)
@given(st.lists(edits, max_size=8), ids, ids)
def test_merging_and_unmerging_is_the_identity_on_labels(sequence: list[Edit], one: str, other: str) -> None:
    taxonomy = _edited(DEFAULT_TAXONOMY, sequence)[-1]
    try:
        merged = apply_all(taxonomy, [Merge(one, other)])
    except InvalidTaxonomyError:
        return
    assert stands_for(merged)[one] == other
    back = apply_all(merged, [Unmerge(one)])
    before = by_id(taxonomy)[one]
    assert stands_for(back) == stands_for(taxonomy)
    assert by_id(back)[one] == replace(before, active=True, split_into=(), key=by_id(back)[one].key)
    if before.active:
        assert back == taxonomy


def test_chains_of_merges_end_and_circles_are_refused() -> None:
    taxonomy = apply_all(DEFAULT_TAXONOMY, [Merge("browse", "search"), Merge("search", "compare")])
    assert stands_for(taxonomy)["browse"] == "compare"
    with pytest.raises(InvalidTaxonomyError, match="'search' is not offered"):
        apply_all(taxonomy, [Merge("compare", "search")])
    with pytest.raises(InvalidTaxonomyError, match="into itself"):
        apply_all(taxonomy, [Merge("deal", "deal")])
    circle = tuple(
        replace(intent, active=False, merged_into={"deal": "other", "other": "deal"}.get(intent.id))
        if intent.id in ("deal", "other")
        else intent
        for intent in DEFAULT_TAXONOMY
    )
    with pytest.raises(InvalidTaxonomyError, match="in a circle"):
        read_taxonomy(write_taxonomy(circle))


def test_a_split_puts_its_parts_in_place_of_the_whole() -> None:
    parts = (
        NewIntent("coupon", {"en": "Coupon", "zh": "领券"}, {}),
        NewIntent("sale", {"en": "Sale", "zh": "促销"}, {}),
    )
    taxonomy = apply_all(DEFAULT_TAXONOMY, [Split("deal", parts)])
    assert [intent.id for intent in taxonomy][4:7] == ["deal", "coupon", "sale"]
    known = by_id(taxonomy)
    assert known["deal"].split_into == ("coupon", "sale")
    assert known["coupon"].key != known["sale"].key
    assert known["coupon"].color != known["sale"].color
    assert by_id(apply_all(taxonomy, [BringBack("deal")]))["deal"].active


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Add(NewIntent("deal", {"en": "D", "zh": "D"}, {})), "'deal' already"),
        (Add(NewIntent("Gift!", {"en": "D", "zh": "D"}, {})), "'Gift!'"),
        (Add(NewIntent("gift", {"en": "Gift"}, {})), "in 'zh' is ''"),
        (Rename("deal", "en", "x" * 41), "1 to 40"),
        (Rename("deal", "fr", "Rabais"), "'fr'"),
        (Rename("dance", "en", "Dance"), "no intent 'dance'"),
        (Recolor("deal", "red", "#000000"), "'red'"),
        (Rekey("deal", "a"), "the labeler uses"),
        (Rekey("deal", "ß"), "'ß'"),
        (Reorder("deal", 99), "99"),
        (Unmerge("deal"), "not merged"),
        (Split("deal", ()), "at least 2"),
        (RemoveExample("deal", "s9"), "'s9'"),
        (AddExample("deal", Example(" ", "")), "no session id"),
        (WriteGuideline("deal", Guideline({"en": "x" * 4001})), "4001"),
    ],
)
def test_an_edit_that_cannot_be_made_names_the_value(edit: Edit, words: str) -> None:
    with pytest.raises(InvalidTaxonomyError, match=re.escape(words)):
        apply_all(DEFAULT_TAXONOMY, [edit])


def test_a_taken_key_changes_places() -> None:
    known = by_id(apply_all(DEFAULT_TAXONOMY, [Rekey("deal", "1")]))
    assert (known["deal"].key, known["browse"].key) == ("1", "5")
    assert free_key(DEFAULT_TAXONOMY) == "8"


def test_too_few_intents_cannot_be_left() -> None:
    with pytest.raises(InvalidTaxonomyError, match="1 intents would be left"):
        apply_all(DEFAULT_TAXONOMY, [Retire(intent.id) for intent in DEFAULT_TAXONOMY[1:]])


def test_reserved_keys_are_those_of_the_labeler() -> None:
    script = (Path(__file__).parents[3] / "app/components/labeler/keys.js").read_text(encoding="utf-8")
    usual = re.search(r"const USUAL_KEYS = \{(.*?)\};", script, re.S)
    foreign = re.search(r"const FOREIGN_KEYS = new Set\(\[(.*?)\]", script)
    spare = re.search(r'const SPARE_KEYS = "(\w+)"', script)
    assert usual is not None
    assert foreign is not None
    assert spare is not None
    letters = {key for key in re.findall(r'"([^"]+)"', usual[1] + foreign[1]) if len(key) == 1 and key.isalpha()}
    assert letters == RESERVED_KEYS
    assert spare[1] == KEYS


def test_only_what_people_decide_by_makes_new_guidelines() -> None:
    same = apply_all(DEFAULT_TAXONOMY, [Rename("deal", "en", "Bargain"), Recolor("deal", "#112233", "#AABBCC")])
    assert decided_by(same) == decided_by(DEFAULT_TAXONOMY)
    assert decided_by(apply_all(same, [Redefine("deal", "en", "Cheap.")])) != decided_by(same)
    assert decided_by(apply_all(same, [Retire("deal")])) != decided_by(same)


def test_differences_name_what_went_and_what_came() -> None:
    after = apply_all(DEFAULT_TAXONOMY, [Rename("deal", "en", "Bargain"), AddExample("deal", Example("s1", "coupons"))])
    (difference,) = differences(DEFAULT_TAXONOMY, after)
    marked = [(line.mark, line.field, line.language, line.text) for line in difference.lines if line.mark != " "]
    assert marked == [
        ("-", "name", "en", "Deal"),
        ("+", "name", "en", "Bargain"),
        ("+", "example", "", "s1 coupons"),
    ]
    assert differences(after, after) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "'list'"),
        ('{"format": "x"}', "'x'"),
        ('{"format": "intentlens.taxonomy/1", "intents": [3]}', "Intent 1 is '3'"),
        ('{"format": "intentlens.taxonomy/1", "intents": [{"id": "deal"}]}', "Intent 1 ('deal') has no 'key'"),
    ],
)
def test_a_file_that_is_none_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(InvalidTaxonomyError, match=re.escape(words)):
        read_taxonomy(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "Deal"}, "name is 'Deal'"),
        ({"active": 1}, "active is '1'"),
        ({"split_into": "x"}, "split_into is 'x'"),
        ({"guideline": {"examples": [{"why": "x"}]}}, "an example is"),
        ({"merged_into": 4}, "merged_into is '4'"),
        ({"colour": "#000000"}, "has 'colour'"),
    ],
)
def test_a_wrong_field_of_a_file_is_named(changes: dict[str, Any], words: str) -> None:
    given = json.loads(write_taxonomy(DEFAULT_TAXONOMY))
    given["intents"][4] |= changes
    with pytest.raises(InvalidTaxonomyError, match=re.escape(words)):
        read_taxonomy(json.dumps(given))


def test_the_default_guidelines_say_yes_and_no_in_both_languages() -> None:
    for intent in DEFAULT_TAXONOMY:
        for words in (intent.guideline.text, intent.guideline.yes, intent.guideline.no):
            assert set(words) == {"en", "zh"}
            assert all(words.values())
