"""Learning while labeling: trains again in the background as labels come, and tells when more of them hardly help."""
