"""One palette for pages, charts and components, in light and dark."""

from typing import Any

from core.intents.taxonomy import DEFAULT_TAXONOMY, Intent

FONT = (
    "'Inter', 'Segoe UI', system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "'Noto Sans SC', sans-serif"
)
PRIMARY = "#3B5BDB"
PRIMARY_DARK = "#91A7FF"
NEUTRAL = "#8A94A6"

_LIGHT = {
    "primaryColor": PRIMARY,
    "backgroundColor": "#FFFFFF",
    "secondaryBackgroundColor": "#F4F6FA",
    "textColor": "#1B2130",
    "borderColor": "#DDE2EC",
    "linkColor": PRIMARY,
}
_DARK = {
    "primaryColor": PRIMARY_DARK,
    "backgroundColor": "#12151C",
    "secondaryBackgroundColor": "#1B202B",
    "textColor": "#E8EBF2",
    "borderColor": "#313847",
    "linkColor": PRIMARY_DARK,
}


PAGE_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 3.2rem clamp(1rem, 4vw, 4rem) 4rem; }
</style>"""
"""Less empty space around the page than Streamlit leaves; there is no setting for it."""


def streamlit_config() -> dict[str, object]:
    """Flat Streamlit options for both schemes; the reader's system chooses between them."""
    shared = {
        "theme.font": FONT,
        "theme.baseFontSize": 15,
        "theme.headingFontSizes": ["1.9rem", "1.35rem", "1.25rem", "1.1rem", "1rem", "0.9rem"],
        "theme.headingFontWeights": [650, 600, 600, 600, 600, 600],
        "theme.baseRadius": "0.5rem",
        "theme.showWidgetBorder": True,
    }
    light = {f"theme.light.{name}": value for name, value in _LIGHT.items()}
    dark = {f"theme.dark.{name}": value for name, value in _DARK.items()}
    return {**shared, **light, **dark}


def intent_color(intent_id: str, intents: tuple[Intent, ...] = DEFAULT_TAXONOMY, *, dark: bool = False) -> str:
    """The one colour of an intent; neutral for one that is not in the taxonomy."""
    for intent in intents:
        if intent.id == intent_id:
            return intent.color_dark if dark else intent.color
    return NEUTRAL


def figure_layout() -> dict[str, Any]:
    """Layout shared by all figures: transparent on either scheme, quiet grid, legend above."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": {"text": ""}},
        "hovermode": "x unified",
        "xaxis": {"showgrid": False, "automargin": True},
        "yaxis": {"gridcolor": "rgba(138,148,166,0.25)", "zeroline": False, "automargin": True},
    }
