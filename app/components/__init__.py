"""Custom components and shared page parts."""
