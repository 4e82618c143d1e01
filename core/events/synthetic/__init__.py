"""The sample shop: a seeded generator of behaviour logs with known hidden intents and Bayes limit."""

from pathlib import Path


def sample_folder() -> Path:
    """Where the committed sample shop lies (events, items, pictures, annotations, model)."""
    return Path(__file__).resolve().parents[3] / "sample_data"
