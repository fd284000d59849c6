"""Measurements of what we ship, side by side with the simplest thing that does the same."""
