"""The same events from a message broker: read, stored as the API stores them, acknowledged after the commit."""
