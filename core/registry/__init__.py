"""Registered models: register, promote, roll back, load."""
