"""What the Intents page says: every edit of the log in words, what became of an intent, what a form changed."""

from collections.abc import Iterator
from string import Formatter
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from app.context import AppContext, close_context, start_context
from app.i18n import LANGUAGES, catalogue
from app.intent_names import intent_names, intents_beside
from app.views.taxonomy import TABS
from app.views.taxonomy_editor import _edits
from app.views.taxonomy_list import _frame
from app.views.taxonomy_state import whole
from app.views.taxonomy_words import KINDS, act_words, warning_words
from core.intents.annotations import submit_annotations
from core.intents.colors import ColorWarning
from core.intents.differences import Field
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
    describe,
)
from core.intents.intent import Example, Guideline, by_id
from core.intents.taxonomy import DEFAULT_TAXONOMY
from core.intents.versions import edit_taxonomy
from core.settings import Settings
from tests.core.intents.shop import annotation, fill_shop

GIFT = NewIntent("gift", {"en": "Gift", "zh": "送礼"}, {})
SELF = NewIntent("own", {"en": "Own use", "zh": "自用"}, {})


@pytest.fixture
def app_context(settings: Settings) -> Iterator[AppContext]:
    context = start_context(settings)
    fill_shop(context.warehouse)
    yield context
    close_context()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Add(GIFT), "gift added"),
        (Rename("deal", "en", "Bar*gain"), "Deal renamed to “Bar\\*gain” (en)"),
        (Redefine("deal", "zh", "…"), "Deal defined anew (zh)"),
        (Recolor("deal", "#112233", "#AABBCC"), "Deal recoloured"),
        (Rekey("deal", "p"), "Deal got the key P"),
        (Reorder("deal", 0), "Deal moved"),
        (Retire("deal"), "Deal retired"),
        (BringBack("deal"), "Deal brought back"),
        (Merge("deal", "search"), "Deal merged into Search"),
        (Unmerge("deal"), "The merge of Deal undone"),
        (Split("deal", (GIFT, SELF)), "Deal split into gift, own"),
        (WriteGuideline("deal", Guideline()), "Guideline of Deal written"),
        (AddExample("deal", Example("s1", "")), "s1 made an example of Deal"),
        (RemoveExample("deal", "s1"), "s1 is no example of Deal any more"),
        (Replace(DEFAULT_TAXONOMY, "3"), "Version or file “3” taken over"),
    ],
)
def test_every_edit_of_the_log_is_a_sentence(app_context: AppContext, edit: Edit, words: str) -> None:
    assert edit.kind in KINDS
    assert act_words(describe(edit)) == words


def test_every_kind_state_and_problem_has_its_words_in_every_language() -> None:
    keys = [f"taxonomy.act_{kind}" for kind in KINDS] + [f"taxonomy.tab_{tab}" for tab in TABS]
    keys += [f"taxonomy.color_{problem}" for problem in ("alike", "low_contrast")]
    keys += [f"taxonomy.field_{field}" for field in get_args(Field)]
    keys += [f"taxonomy.scheme_{scheme}" for scheme in ("light", "dark")]
    for language in LANGUAGES:
        assert set(keys) - set(catalogue(language)) == set()
        told = [text for key, text in catalogue(language).items() if key.startswith("taxonomy.")]
        assert "key" not in {name for text in told for _, name, _, _ in Formatter().parse(text)}  # t's own argument


def test_an_intent_that_is_gone_keeps_its_name_with_what_became_of_it(app_context: AppContext) -> None:
    warehouse = app_context.warehouse
    submit_annotations(warehouse, [annotation("deal", "s0", "mei"), annotation("search", "s1", "mei")])
    edit_taxonomy(warehouse, [Merge("search", "browse"), Split("deal", (GIFT, SELF)), Retire("other")], author="lead")
    names = intent_names()
    assert (names["search"], names["deal"], names["other"]) == ("Search (merged)", "Deal (split)", "Other (retired)")
    assert "deal" in [intent.id for intent in intents_beside(["deal", "browse"])]
    assert "search" not in [intent.id for intent in intents_beside(["deal", "browse"])]
    table = _frame(whole()).set_index("id")
    assert table.loc["browse", ["labels", "given"]].tolist() == [1, 0]
    assert table.loc["search", ["labels", "given", "state"]].tolist() == [0, 1, "merged into Browse"]
    assert table.loc["deal", "state"] == "split into Gift, Own use"
    assert "Deal" in warning_words(ColorWarning("low_contrast", "dark", "deal"))


def test_a_form_makes_only_the_edits_that_change_something() -> None:
    deal = by_id(DEFAULT_TAXONOMY)["deal"]
    words = {code: (deal.name[code], deal.definition[code]) for code in LANGUAGES}
    assert _edits(deal, words, deal.key, (deal.color.lower(), deal.color_dark)) == []
    changed = words | {"en": ("Bargain ", deal.definition["en"])}
    assert _edits(deal, changed, "p", ("#112233", deal.color_dark)) == [
        Rename("deal", "en", "Bargain "),
        Rekey("deal", "p"),
        Recolor("deal", "#112233", deal.color_dark),
    ]


def _add_dialog() -> None:
    from app.views.taxonomy_dialogs import open_add

    open_add("lead")


def test_a_name_in_one_language_is_enough_and_what_is_missing_is_said(app_context: AppContext) -> None:
    assert "gift" not in by_id(whole())
    page = AppTest.from_function(_add_dialog, default_timeout=30).run()
    assert page.button[0].disabled
    assert "one language is enough" in page.caption[0].value
    page.text_input(key="add.name.zh").set_value("送礼").run()
    assert page.button[0].disabled, "no id can be made of it"
    page.text_input(key="add.id").set_value("gift").run()
    assert not page.caption
    page.button[0].click().run()
    gift = by_id(whole())["gift"]
    assert gift.name == {"en": "送礼", "zh": "送礼"}
