"""What trackers send, from messages of their dialects to committed events."""
