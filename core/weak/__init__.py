"""Weak supervision: rules that vote for an intent, what they are worth, and what their votes say together."""
