"""Readers of files and dialects: source columns and messages become canonical event rows."""
