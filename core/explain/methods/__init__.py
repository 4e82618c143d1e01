"""Ways to say what made a prediction: each a small file with one skeleton, all held to the same contract."""
