"""Everything that thinks: events, warehouse, intents, session model, jobs, explanations. Never imports streamlit."""
