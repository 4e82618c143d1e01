"""Why a prediction came out as it did: attributions with their proof of faithfulness."""
