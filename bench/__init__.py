"""Measurements of what is shipped, side by side with the simplest thing that does the same."""
