"""Why a model thinks so: the labelled sessions it learned from, the most similar and the most influential ones."""
