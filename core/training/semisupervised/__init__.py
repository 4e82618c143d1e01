"""Labels from unlabeled events: each file turns a few annotators' labels into targets at many more events."""
