#!/bin/sh
# A Chromium for the browser tests: one that is there, else Debian's package (root with apt), else Playwright's own.
# Argument: the folder of the virtual environment's programs.
bin="$1"
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's chromium for the browser tests ..."
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1 && exit 0
fi
"$bin/python" - <<'PYTHON' && exit 0
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(0 if pathlib.Path(playwright.chromium.executable_path).exists() else 1)
PYTHON
echo "Installing Playwright's Chromium for the browser tests ..."
"$bin/python" -m playwright install chromium && exit 0
echo "No Chromium could be installed. Install one (for example: apt-get install chromium), then run make test again." >&2
exit 1
