"""Purchase intent without labels: the logs themselves say which sessions bought."""
