"""The taxonomy of intents, and what annotators said of sessions and events."""
