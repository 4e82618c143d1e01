"""The current intent of a visitor, from the events so far."""
