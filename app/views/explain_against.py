"""The intent that the explained one is set against; the address keeps it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.address import kept_choice
from app.components.parts import stat_tiles
from app.i18n import t
from app.intent_names import intent_names
from app.units import points

if TYPE_CHECKING:
    from core.explain.heatmap import Heatmap

NONE = ""


def choose_against(model_intents: Sequence[str], intent_id: str) -> str | None:
    """Another intent of the model, or None: the intent's own probability is explained."""
    names = intent_names()
    others = [NONE, *(intent for intent in model_intents if intent != intent_id)]
    chosen = kept_choice(
        "against",
        t("explain_more.against"),
        others,
        lambda intent: names.get(intent, intent) if intent else t("explain_more.against_none"),
        help=t("explain_more.against_help"),
    )
    return chosen or None


def render_lead(heatmap: "Heatmap", name: str) -> None:
    """How far one intent leads the other, of what it is measured against, and what the events add."""
    lead, baseline = heatmap.probability, heatmap.baseline_probability
    stat_tiles(
        [
            (t("explain_more.lead"), points(lead), f"{name} · {t('explain_more.points')}"),
            (t("explain.baseline"), points(baseline), t("explain_numbers.baseline_lead")),
            (t("explain.change"), points(lead - baseline), t("explain.change_help")),
        ]
    )
