"""How good a model's explanations are over many predictions: faithfulness, shuffled weights, plausibility."""
