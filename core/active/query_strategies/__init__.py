"""One file a method; all of one skeleton, registered in registry.py."""
