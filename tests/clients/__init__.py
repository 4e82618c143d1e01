"""Unmodified official clients against the collector over a real socket."""
