"""Pretraining, fine-tuning, calibration, metrics and baselines; each job reads a frozen snapshot only."""
