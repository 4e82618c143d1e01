"""Learning today's labels from yesterday's model without forgetting what it knew: replay and distillation."""
