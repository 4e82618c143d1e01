"""The test shop and its pictures."""

from tests.core.model.conftest import media, shop

__all__ = ["media", "shop"]
