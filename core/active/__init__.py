"""Active learning: which sessions people label next, who holds which, and what the model suggests to them."""
