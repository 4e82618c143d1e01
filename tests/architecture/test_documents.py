"""The documents say what the code does."""

from dataclasses import fields

from core.settings import ENVIRONMENT_PREFIX, Settings
from tests.architecture.imports import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_readme() -> None:
    missing = [f.name for f in fields(Settings) if f"`{ENVIRONMENT_PREFIX}{f.name.upper()}`" not in README]
    assert missing == []


def test_every_command_stands_in_the_readme() -> None:
    from app.cli.main import main

    missing = [name for name in main.commands if f"intentlens {name}" not in README]
    assert missing == []


def test_every_page_stands_in_the_readme() -> None:
    from app.navigation import PAGES

    missing = [page.url for page in PAGES if f"`/{page.url}`" not in README]
    assert missing == []


def test_every_picture_of_the_readme_exists() -> None:
    import re

    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_ci_runs_exactly_the_test_command() -> None:
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "set "))
    ]
    assert commands == ["make test"]
