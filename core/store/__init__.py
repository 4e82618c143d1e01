"""The warehouse: one DuckDB file with one writer, and a typed function beside each query."""
