"""The canonical event: its schema, cleaning, sessionizing, and the synthetic sample shop."""
