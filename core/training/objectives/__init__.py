"""Self-supervision on unlabeled events: one small file an objective, chosen by name."""
