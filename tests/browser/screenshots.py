"""Takes the README's pictures of the running product: `python -m tests.browser.screenshots [FOLDER]`."""

import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import running_browser, wait_until_settled
from tests.browser.server import Server

FOLDER = Path(__file__).resolve().parents[2] / "sample_data" / "screenshots"
SESSION = "v00464-3"
PICTURES = {
    "overview": "/overview",
    "live": "/live",
    "visitor": "/visitor?visitor=v00464",
    "label": f"/label?annotator=you&session={SESSION}",
    "bulk": "/bulk",
    "rules": "/rules",
    "quality": "/quality",
    "train": "/train",
    "evaluate": "/evaluate",
    "explain": f"/explain?session={SESSION}",
    "sessions": "/sessions",
    "imports": "/imports",
}
IN_README = ("visitor", "label", "train", "explain")
_SIZE = {"width": 1440, "height": 900}
_PHONE = {"width": 390, "height": 844}


def main(folder: Path, names: tuple[str, ...], viewport: dict[str, int], locale: str, scheme: str) -> None:
    """Start a server with the sample shop and write one PNG a page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running_browser() as browser:
        server = Server(Path(home) / "home", sample_shop=True).start()
        try:
            server.wait_for("/readyz", 90)
            context = browser.new_context(viewport=viewport, locale=locale, color_scheme=scheme)
            page = context.new_page()
            page.on("console", lambda message: sys.stderr.write(f"{message.type}: {message.text}\n"))
            for name in names:
                page.goto(server.url + PICTURES[name])
                wait_until_settled(page)
                page.wait_for_timeout(4000 if name == "explain" else 1500)
                page.screenshot(path=folder / f"{name}.png", full_page=False)
        finally:
            server.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:  # every page, as asked: FOLDER [phone] [zh] [dark]
        size = _PHONE if "phone" in sys.argv else _SIZE
        language = "zh-CN" if "zh" in sys.argv else "en-US"
        main(Path(sys.argv[1]), tuple(PICTURES), size, language, "dark" if "dark" in sys.argv else "light")
    else:
        main(FOLDER, IN_README, _SIZE, "en-US", "light")
