"""How good a model is, from the answers it gave to labels it had not seen; beside baselines, with intervals."""
