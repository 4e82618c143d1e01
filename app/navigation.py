"""The pages: their address, file and icon, in the order of the menu."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True)
class Page:
    """One page; `url` is its path in the address and its file name."""

    url: str
    icon: str
    group: str

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.url}.py"

    @property
    def title_key(self) -> str:
        return f"navigation.{self.url}"


PAGES: tuple[Page, ...] = (
    Page("overview", ":material/monitoring:", "look"),
    Page("live", ":material/sensors:", "look"),
    Page("sessions", ":material/list:", "look"),
    Page("visitor", ":material/timeline:", "look"),
    Page("imports", ":material/upload_file:", "collect"),
    Page("collect", ":material/cable:", "collect"),
    Page("label", ":material/sell:", "teach"),
    Page("taxonomy", ":material/category:", "teach"),
    Page("bulk", ":material/scatter_plot:", "teach"),
    Page("rules", ":material/rule:", "teach"),
    Page("quality", ":material/fact_check:", "teach"),
    Page("train", ":material/model_training:", "teach"),
    Page("evaluate", ":material/grading:", "teach"),
    Page("explain", ":material/lightbulb:", "teach"),
    Page("what_if", ":material/alt_route:", "teach"),
)
"""The first one is the default."""
