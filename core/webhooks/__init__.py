"""Telling other programs of changed intents: signed, durable until delivered, tried again, and given up visibly."""
