"""Tests of reading events from a broker."""
