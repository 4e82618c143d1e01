"""Thin pages: ask core, draw with app."""
