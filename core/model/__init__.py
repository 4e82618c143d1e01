"""The session model: a causal transformer over a visitor's event stream. Never imports the store."""
